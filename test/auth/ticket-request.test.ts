// Which bodies ask for a ticket, in whose name it will act, and until when.
import { describe, expect, test } from "vitest";
import type { Authenticated } from "../../auth/authenticator.ts";
import type { Principal } from "../../auth/principal.ts";
import { lifeOf, readTicketRequest, subjectOf } from "../../auth/ticket-request.ts";
import { service, user } from "../support/members.ts";
import { holder } from "../support/tickets.ts";

const NOW_MS = 1_800_000_000_500;
const NOW_S = 1_800_000_000;
const WEEK_S = 604_800;
const GOOD = { streamId: "cam-1", operations: ["read"] };

describe("a body", () => {
  test("that says what must be said asks for one use within a minute", () => {
    expect(readTicketRequest(GOOD)).toEqual({ ...GOOD, ttlSeconds: 60, uses: 1, userId: undefined });
  });

  test("may say all of it, and an operation twice", () => {
    const all = {
      streamId: "cam-1",
      operations: ["write", "read", "write"],
      ttlSeconds: 3600,
      uses: 1000,
      userId: "bob",
    };
    expect(readTicketRequest(all)).toEqual({ ...all, operations: ["write", "read"] });
  });

  test.each([undefined, null, 7, "", "a/b", "register", "..", "cam-*", ["cam-1"]])(
    "for the stream %j is refused",
    (streamId) => {
      expect(readTicketRequest({ ...GOOD, streamId })).toMatchObject({ code: "INVALID_STREAM_ID" });
    },
  );

  test.each<Record<string, unknown>>([
    { operations: undefined },
    { operations: [] },
    { operations: "read" },
    { operations: ["read", "own"] },
    { operations: ["READ"] },
    { operations: [["read"]] },
    { ttlSeconds: 0 },
    { ttlSeconds: 3601 },
    { ttlSeconds: 1.5 },
    { ttlSeconds: "60" },
    { ttlSeconds: null },
    { uses: 0 },
    { uses: 1001 },
    { uses: -1 },
    { uses: "1" },
    { uses: null },
    { userId: "" },
    { userId: 7 },
    { userId: null },
    { userId: "svc:model" },
    { userId: "key:archive" },
    { userId: "a\nb" },
    { ttl: 60 },
    { epoch: "e1" },
  ])("that says %j is refused", (said) => {
    expect(readTicketRequest({ ...GOOD, ...said })).toMatchObject({ code: "BAD_REQUEST" });
  });
});

describe("a ticket acts in the name of", () => {
  const ALICE = user("alice");
  const who = (principal: Principal, issuedAtS?: number, endsAtMs?: number): Authenticated => ({
    kind: "authenticated",
    shown: { tokenKind: "session-jwt" },
    principal,
    issuedAtS,
    endsAtMs,
  });

  test("its user, in the session that he showed, as long as that", () => {
    expect(subjectOf(who(ALICE, 5, NOW_MS + 1000), undefined, WEEK_S, NOW_MS)).toEqual({
      userId: "alice",
      sessionId: "session-of-alice",
      issuedAtS: 5,
      sessionEndsAtMs: NOW_MS + 1000,
    });
  });

  test("nobody else, where a user makes it, and not even of himself by name", () => {
    for (const named of ["bob", "alice"]) {
      expect(subjectOf(who(ALICE, 5, NOW_MS + 1000), named, WEEK_S, NOW_MS)).toBeUndefined();
    }
  });

  test("the service that makes it, or whom it names, from now on, as long as a token may live", () => {
    const key = who(service("mailer"));
    const rest = { issuedAtS: NOW_S, sessionEndsAtMs: NOW_MS + WEEK_S * 1000 };
    expect(subjectOf(key, undefined, WEEK_S, NOW_MS)).toEqual({
      userId: "svc:mailer",
      sessionId: "svc:mailer",
      ...rest,
    });
    expect(subjectOf(key, "bob", WEEK_S, NOW_MS)).toEqual({ userId: "bob", sessionId: "bob", ...rest });
  });

  test("nobody, where a ticket is to make it", () => {
    expect(subjectOf(who(holder(), 5, NOW_MS + 1000), undefined, WEEK_S, NOW_MS)).toBeUndefined();
  });
});

test("a ticket may be shown for its time, and not beyond the session behind it", () => {
  const request = { streamId: "cam-1", operations: ["read"], ttlSeconds: 60, uses: 1, userId: undefined } as const;
  const until = (sessionEndsAtMs: number): unknown =>
    lifeOf(request, { userId: "alice", sessionId: "s-1", issuedAtS: 5, sessionEndsAtMs }, NOW_MS);
  expect([until(NOW_MS + 3_600_000), until(NOW_MS + 30_400)]).toEqual([
    { mintedAtS: NOW_S + 1, expiresAtS: NOW_S + 61 },
    { mintedAtS: NOW_S + 1, expiresAtS: NOW_S + 30 },
  ]);
});
