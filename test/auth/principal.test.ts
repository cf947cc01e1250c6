// Which ids may stand for a person, and which values may come back into the process as a principal.
import { describe, expect, test } from "vitest";
import {
  foreignUser,
  isBareUserId,
  isPrincipal,
  isSamePrincipal,
  NO_GRANTS,
  senderKindOf,
} from "../../auth/principal.ts";
import { holder } from "../support/tickets.ts";

const GRANTS = { operations: ["read"], streams: ["cam-*"] };

describe("a user id", () => {
  test.each(["lWKPi3yKh8XAkbJwI8NbHKw2AE4qTTiG", "42", "user@example.test", "Ünï-1", "😀", "x".repeat(128)])(
    "may be %s",
    (id) => {
      expect(isBareUserId(id)).toBe(true);
    },
  );

  test.each([
    ["is empty", ""],
    ["has 129 characters", "x".repeat(129)],
    ["would pass for a service", "svc:detector"],
    ["would pass for an API key", "key:admin"],
    ["ends with a colon", "user-1:"],
    ["holds a newline, which would end a header", "user-1\r\nX-Auth-Kind: service"],
    ["holds a NUL", "user-1\u0000"],
    ["holds a DEL", "user-1\u007f"],
    ["holds half of a surrogate pair", "user-\ud800"],
    ["is a number", 42],
    ["is null", null],
    ["is missing", undefined],
    ["is a list of one good id", ["user-1"]],
  ])("is refused where it %s", (_why, id) => {
    expect(isBareUserId(id)).toBe(false);
  });
});

describe("a value that comes back", () => {
  test.each([
    { kind: "user", userId: "user-1", sessionId: "s-1" },
    { kind: "user", userId: "jwt:42", sessionId: "jwt:42" },
    { kind: "user", userId: "jwt:urn:a", sessionId: "jwt:urn:a" },
    { kind: "service", userId: "svc:detector", grants: { operations: [], streams: [] } },
    { kind: "service", userId: "key:robot", grants: { operations: ["read", "write"], streams: ["cam-*", "door"] } },
    {
      kind: "service",
      userId: "key:mailer",
      grants: { operations: [], streams: ["cam-*"], mintsTickets: true },
    },
    { kind: "service", userId: "key:backend", grants: { operations: [], streams: [] }, usesProxy: true },
    holder(),
    holder({ userId: "jwt:42", sessionId: "jwt:42", operations: ["read", "write"] }),
    holder({ userId: "key:mailer", sessionId: "key:mailer" }),
  ])("%j is a principal", (value) => {
    expect(isPrincipal(value)).toBe(true);
  });

  test.each([
    ["a user whose id is a service's", { kind: "user", userId: "svc:detector", sessionId: "s-1" }],
    ["a user of another system without an id", { kind: "user", userId: "jwt:", sessionId: "s-1" }],
    [
      "a user of another system whose id is too long",
      { kind: "user", userId: `jwt:${"x".repeat(125)}`, sessionId: "s" },
    ],
    ["a user without a session", { kind: "user", userId: "user-1" }],
    ["a user whose session is a number", { kind: "user", userId: "user-1", sessionId: 5 }],
    ["a service whose id is a user's", { kind: "service", userId: "user-1", grants: GRANTS }],
    ["a service whose id is a prefix alone", { kind: "service", userId: "svc:", grants: GRANTS }],
    ["a service of a third prefix", { kind: "service", userId: "jwt:detector", grants: GRANTS }],
    ["a service with its prefix inside", { kind: "service", userId: "xsvc:detector", grants: GRANTS }],
    ["a service whose id would end a header", { kind: "service", userId: "svc:a\r\nb", grants: GRANTS }],
    ["a service without an id", { kind: "service", grants: GRANTS }],
    ["a service without grants", { kind: "service", userId: "svc:detector" }],
    ["a service whose grants are a list", { kind: "service", userId: "svc:detector", grants: [] }],
    ["a service without operations", { kind: "service", userId: "svc:x", grants: { streams: [] } }],
    ["a service without streams", { kind: "service", userId: "svc:x", grants: { operations: [] } }],
    [
      "an operation that nobody knows",
      { kind: "service", userId: "svc:x", grants: { ...GRANTS, operations: ["own"] } },
    ],
    ["operations as a text", { kind: "service", userId: "svc:x", grants: { ...GRANTS, operations: "read" } }],
    ["a stream that is a number", { kind: "service", userId: "svc:x", grants: { ...GRANTS, streams: [5] } }],
    [
      "a word on tickets that is a text",
      { kind: "service", userId: "svc:x", grants: { ...GRANTS, mintsTickets: "yes" } },
    ],
    ["a ticket without a name", { ...holder(), ticketId: undefined }],
    ["a ticket of nobody", { ...holder(), userId: "" }],
    ["a ticket of a kind of user that nobody knows", { ...holder(), userId: "urn:x" }],
    ["a ticket without a session", { ...holder(), sessionId: undefined }],
    ["a ticket of no stream", { ...holder(), streamId: undefined }],
    ["a ticket of a pattern of streams", { ...holder(), streamId: "cam-*" }],
    ["a ticket of no epoch", { ...holder(), epoch: "" }],
    ["a ticket without operations", { ...holder(), operations: [] }],
    ["a ticket for an operation that nobody knows", { ...holder(), operations: ["own"] }],
    ["a kind that nobody knows", { kind: "admin", userId: "user-1", sessionId: "s-1" }],
    ["no kind", { userId: "user-1", sessionId: "s-1" }],
    ["a text", "user-1"],
    ["a list", [{ kind: "service", userId: "svc:detector", grants: GRANTS }]],
    ["null", null],
    ["nothing", undefined],
  ])("%s is no principal", (_what, value) => {
    expect(isPrincipal(value)).toBe(false);
  });
});

test("a user of another system is told from the auth server's, and has one session", () => {
  expect(foreignUser("42")).toEqual({ kind: "user", userId: "jwt:42", sessionId: "jwt:42" });
  expect([undefined, "", "a\nb", "x".repeat(125)].map(foreignUser)).toEqual(Array.from({ length: 4 }, () => undefined));
});

test("consumers are told whether a person, a program or a ticket sent a message", () => {
  expect([
    senderKindOf({ kind: "user", userId: "user-1", sessionId: "s-1" }),
    senderKindOf({ kind: "service", userId: "svc:detector", grants: NO_GRANTS }),
    senderKindOf(holder()),
  ]).toEqual(["user", "service", "ticket"]);
});

describe("two credentials are of the same principal", () => {
  const anna = { kind: "user", userId: "anna", sessionId: "s-1" } as const;
  const robot = { kind: "service", userId: "key:robot", grants: NO_GRANTS } as const;

  test("in another session, and with other rights", () => {
    expect(isSamePrincipal(anna, { ...anna, sessionId: "s-2" })).toBe(true);
    expect(isSamePrincipal(robot, { ...robot, grants: { operations: ["read"], streams: ["*"] } })).toBe(true);
  });

  test("unless they name another one, or another kind of one", () => {
    expect(isSamePrincipal(anna, { ...anna, userId: "bob" })).toBe(false);
    expect(isSamePrincipal(robot, { ...robot, userId: "key:other" })).toBe(false);
    expect(isSamePrincipal(robot, { kind: "user", userId: robot.userId, sessionId: "s-1" })).toBe(false);
  });

  test("unless one is a ticket, which renews nothing", () => {
    expect(isSamePrincipal(holder(), holder())).toBe(false);
  });
});
