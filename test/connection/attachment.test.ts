// Whether what a socket carries through hibernation comes back whole, fits, and is refused where it is not ours.
import { serialize } from "node:v8";
import { describe, expect, test } from "vitest";
import { type Attachment, readAttachment, writeAttachment } from "../../connection/attachment.ts";
import { service } from "../support/members.ts";
import { holder } from "../support/tickets.ts";

const JOINED: Attachment = {
  streamId: "cam-1",
  connectionId: "c-1",
  hop: "direct",
  origin: "https://gateway.test",
  principal: { kind: "user", userId: "user-1", sessionId: "s-1" },
  issuedAtS: 1_750_000_000,
  endsAtMs: 1_795_262_400_000,
  noticeAtMs: 1_795_262_340_000,
  revoked: undefined,
  registration: {
    clientType: "mobile",
    window: undefined,
    batch: false,
    produces: ["video-frame"],
    consumes: ["*", "presence"],
  },
  joinedAtMs: 1_794_000_000_000,
  heardAtMs: 1_795_000_000_000,
};

/** What an object finds on waking, with changes on top. */
function found(changes: Record<string, unknown>): unknown {
  return Object.assign(structuredClone(Object(writeAttachment(JOINED))), changes);
}

describe("what comes back after hibernation", () => {
  test.each<readonly [string, Attachment]>([
    ["a member", JOINED],
    [
      "a member with credits and without a label",
      { ...JOINED, registration: { clientType: undefined, window: 64, batch: false, produces: [], consumes: [] } },
    ],
    ["a connection that has not registered", { ...JOINED, registration: undefined }],
    ["a service", { ...JOINED, principal: service("detector") }],
    [
      "a key, which has no session",
      { ...JOINED, principal: service("detector"), issuedAtS: undefined, endsAtMs: undefined, noticeAtMs: Infinity },
    ],
    ["a member that was told that its session ends", { ...JOINED, noticeAtMs: Infinity }],
    ["a ticket", { ...JOINED, principal: holder({ operations: ["read", "write"] }) }],
    ["a member behind a bridge", { ...JOINED, hop: "bridged" }],
    ["a member whose session was revoked", { ...JOINED, revoked: { sessionId: "s-1", issuedBeforeS: 5, endsAtMs: 6 } }],
    [
      "a member all of whose sessions were revoked",
      { ...JOINED, revoked: { sessionId: undefined, issuedBeforeS: 5, endsAtMs: 6 } },
    ],
  ])("%s is what was written", (_who, attachment) => {
    expect(readAttachment(structuredClone(writeAttachment(attachment)))).toEqual(attachment);
  });
});

test("the largest registration fits into the 16 KiB that survive", () => {
  const types = Array.from({ length: 32 }, (_, index) => `type-${index}`.padEnd(64, "x"));
  const largest: Attachment = {
    streamId: "x".repeat(128),
    connectionId: "x".repeat(36),
    hop: "bridged",
    origin: `https://${"x".repeat(292)}`,
    principal: { kind: "user", userId: "€".repeat(128), sessionId: "x".repeat(128) },
    issuedAtS: 1_795_262_400.5,
    endsAtMs: 1_795_262_400_000.5,
    noticeAtMs: 1_795_262_340_000.5,
    revoked: { sessionId: "x".repeat(128), issuedBeforeS: 1_795_262_400.5, endsAtMs: 1_795_262_400_000.5 },
    registration: { clientType: "€".repeat(32), window: 64, batch: false, produces: types, consumes: [...types] },
    joinedAtMs: 1_795_000_000_000.5,
    heardAtMs: 1_795_000_000_000.5,
  };
  expect(serialize(writeAttachment(largest)).byteLength).toBeLessThan(16_384);
  const streams = Array.from({ length: 32 }, () => `${"x".repeat(128)}*`);
  const key: Attachment["principal"] = {
    kind: "service",
    userId: `key:${"x".repeat(64)}`,
    grants: { operations: ["read", "write"], streams },
    adminOf: streams,
  };
  // As two lists, which is what comes out of the header of a hand-off.
  const ofKey = structuredClone({ ...largest, principal: { ...key, adminOf: [...streams] } });
  expect(serialize(writeAttachment(ofKey)).byteLength).toBeLessThan(16_384);
});

describe("what another release or nobody wrote", () => {
  test.each([undefined, null, 5, "text", [], {}])("%j is let go", (value) => {
    expect(readAttachment(value)).toBeUndefined();
  });

  test.each([
    ["another version", { version: 2 }],
    ["no version", { version: undefined }],
    ["a version that is a text", { version: "1" }],
    ["no stream", { streamId: undefined }],
    ["no connection", { connectionId: 5 }],
    ["no principal", { principal: undefined }],
    ["a user whose id is a service's", { principal: { kind: "user", userId: "svc:x", sessionId: "s-1" } }],
    ["an end that is null", { endsAtMs: null }],
    ["no end, for a user", { endsAtMs: undefined }],
    ["no hop", { hop: undefined }],
    ["a hop that nobody knows", { hop: "proxied" }],
    ["a service without grants", { principal: { kind: "service", userId: "svc:x" } }],
    ["an end that is a text", { endsAtMs: "1795262400000" }],
    ["a notice that is a text", { noticeAtMs: "soon" }],
    ["an origin that is a number", { origin: 5 }],
    ["a ticket whose session has no end", { principal: holder(), endsAtMs: undefined }],
    ["a ticket without a stream", { principal: { ...holder(), streamId: undefined } }],
    ["a registration that is null", { registration: null }],
    ["a registration without lists", { registration: {} }],
    ["a label that is a number", { registration: { clientType: 5, produces: [], consumes: [] } }],
    ["a revocation that is null", { revoked: null }],
    ["a revocation without an end", { revoked: { issuedBeforeS: 5 } }],
    ["a revocation without a second", { revoked: { endsAtMs: 5 } }],
    ["a revocation of a session that is a number", { revoked: { sessionId: 5, issuedBeforeS: 5, endsAtMs: 5 } }],
    ["a time of joining that is a text", { joinedAtMs: "5" }],
    ["a list that is a text", { registration: { produces: "alert", consumes: [] } }],
    ["credits that are a text", { registration: { produces: [], consumes: [], window: "4" } }],
    ["a list with a number in it", { registration: { produces: [], consumes: ["alert", 5] } }],
  ])("an attachment with %s is let go", (_what, changes) => {
    expect(readAttachment(found(changes))).toBeUndefined();
  });

  test("a registration of the release that knew no credits is a member without", () => {
    const before = { registration: { clientType: "mobile", produces: ["video-frame"], consumes: [] } };
    expect(readAttachment(found(before))?.registration).toEqual({
      ...before.registration,
      window: undefined,
      batch: false,
    });
  });

  test.each([
    ["a member", {}, 1_795_262_340_000],
    ["a key", { principal: service("detector"), issuedAtS: undefined, endsAtMs: undefined }, Infinity],
  ])(
    "%s of the release that renewed nothing is told a minute before its end, if it has one",
    (_who, changes, noticeAtMs) => {
      const before = found({ ...changes, noticeAtMs: undefined, origin: undefined });
      expect(readAttachment(before)).toMatchObject({ noticeAtMs, origin: "" });
    },
  );

  test("a member of the release that knew no revocations has none, and came when it was heard last", () => {
    expect(readAttachment(found({ revoked: undefined, joinedAtMs: undefined }))).toEqual({
      ...JOINED,
      joinedAtMs: JOINED.heardAtMs,
    });
  });

  test("a field that this release does not know is left behind", () => {
    expect(readAttachment(found({ token: "tok.e.n" }))).toEqual(JOINED);
  });
});
