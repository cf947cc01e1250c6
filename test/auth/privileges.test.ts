// Who manages a stream, sees who is there, makes tickets for it; and who may use the operator's upstreams.
import { describe, expect, test } from "vitest";
import { decide, NOBODY, type StreamFacts } from "../../auth/policy.ts";
import type { NamedPrincipal, Principal } from "../../auth/principal.ts";
import { mayManage, mayMintTickets, maySeeMembers, mayUseProxy } from "../../auth/privileges.ts";
import { service } from "../support/members.ts";

const ALICE: NamedPrincipal = { kind: "user", userId: "alice", sessionId: "s-1" };
const BOB: NamedPrincipal = { kind: "user", userId: "bob", sessionId: "s-3" };

describe("who manages a stream", () => {
  const facts: StreamFacts = { policy: "claim", streamId: "cam-1", claimedBy: "alice" };
  const admin = (...adminOf: readonly string[]): Principal => ({ ...service("ops"), adminOf });

  test.each<readonly [string, Principal, StreamFacts, boolean]>([
    ["its owner does", ALICE, facts, true],
    ["another user does not", BOB, facts, false],
    ["nobody does before there is an owner", ALICE, { ...facts, claimedBy: undefined }, false],
    [
      "a writer does not",
      BOB,
      { ...facts, access: { public: true, readers: ["bob"], writers: { bob: ["*"] } } },
      false,
    ],
    [
      "a service that may read and write does not",
      service("x", { operations: ["read", "write"], streams: ["*"] }),
      facts,
      false,
    ],
    ["an admin of all streams does", admin("*"), facts, true],
    ["an admin of that one does", admin("door", "cam-*"), facts, true],
    ["an admin of another does not", admin("cam-2", "door*"), facts, false],
    ["an admin of none does not", admin(), facts, false],
    ["a user who says that he is an admin does not", { ...BOB, adminOf: ["*"] } as Principal, facts, false],
    [
      "under prefix the user of the prefix does",
      ALICE,
      { policy: "prefix", streamId: "alice:1", claimedBy: "bob" },
      true,
    ],
    [
      "under prefix who claimed it before does not",
      BOB,
      { policy: "prefix", streamId: "alice:1", claimedBy: "bob" },
      false,
    ],
    ["under open an admin does", admin("*"), { ...facts, policy: "open", claimedBy: NOBODY }, true],
  ])("%s", (_rule, principal, facts_, may) => {
    expect(mayManage(principal, facts_)).toBe(may);
  });

  test("an admin neither reads nor writes by that", () => {
    expect([decide(admin("*"), "read", facts), decide(admin("*"), "write", facts)]).toEqual(["deny", "deny"]);
  });

  test("an admin does what he was granted beside", () => {
    const both: Principal = { ...service("ops", { operations: ["read"], streams: ["*"] }), adminOf: ["*"] };
    expect([decide(both, "read", facts), decide(both, "write", facts)]).toEqual(["allow", "deny"]);
  });

  test("under open an admin reads and writes no more than it was granted", () => {
    expect(decide(admin("*"), "write", { ...facts, policy: "open" })).toBe("deny");
  });
});

describe("who sees the members of a stream", () => {
  const facts: StreamFacts = {
    policy: "claim",
    streamId: "cam-1",
    claimedBy: "alice",
    access: { public: false, readers: ["reader"], writers: { writer: ["alert"], former: [] } },
  };
  const named = (userId: string): Principal => ({ kind: "user", userId, sessionId: "s" });

  test.each<readonly [string, Principal, boolean]>([
    ["its owner does", ALICE, true],
    ["a writer of anything does", named("writer"), true],
    ["a reader does not", named("reader"), false],
    ["a writer of nothing does not", named("former"), false],
    ["a stranger does not", BOB, false],
    ["a service that may write does", service("x", { operations: ["write"], streams: ["cam-1"] }), true],
    ["a service that may read does not", service("x", { operations: ["read"], streams: ["cam-1"] }), false],
    ["an admin does", { ...service("ops"), adminOf: ["cam-1"] }, true],
    ["an admin of another stream does not", { ...service("ops"), adminOf: ["cam-2"] }, false],
  ])("%s", (_rule, principal, may) => {
    expect(maySeeMembers(principal, facts)).toBe(may);
  });

  test("nobody does while there is none, since who would write makes it", () => {
    expect(maySeeMembers(ALICE, { ...facts, claimedBy: undefined })).toBe(false);
  });
});

describe("who makes tickets", () => {
  const facts: StreamFacts = { policy: "claim", streamId: "cam-1", claimedBy: "alice", epoch: "e1" };
  const mailer = (...streams: readonly string[]): Principal =>
    service("mailer", { operations: [], streams, mintsTickets: true });

  test.each<readonly [string, Principal, Partial<StreamFacts>, boolean]>([
    ["the owner does", ALICE, {}, true],
    ["another user does not", BOB, {}, false],
    [
      "a reader or writer does not",
      BOB,
      { access: { public: true, readers: ["bob"], writers: { bob: ["*"] } } },
      false,
    ],
    ["a service with the scope does", mailer("cam-*"), {}, true],
    ["a service with the scope for other streams does not", mailer("door"), {}, false],
    [
      "a service that only reads and writes does not",
      service("x", { operations: ["read", "write"], streams: ["*"] }),
      {},
      false,
    ],
    ["an admin does not", { ...service("ops"), adminOf: ["*"] }, {}, false],
    [
      "under prefix the user of the prefix does",
      ALICE,
      { policy: "prefix", streamId: "alice:1", claimedBy: "bob" },
      true,
    ],
    ["under open no user does", ALICE, { policy: "open" }, false],
    ["under open a service with the scope does", mailer("*"), { policy: "open", claimedBy: NOBODY }, true],
  ])("%s", (_rule, principal, changes, may) => {
    expect(mayMintTickets(principal, { ...facts, ...changes })).toBe(may);
  });
});

describe("the operator's upstreams may be used", () => {
  test("by every user", () => {
    expect([ALICE, BOB].map((user) => mayUseProxy(user))).toEqual([true, true]);
  });

  test("by a program that has the scope, and by no other, whatever streams it was granted", () => {
    const grants = { operations: ["read", "write"], streams: ["*"], mintsTickets: true } as const;
    expect(mayUseProxy({ ...service("detector"), usesProxy: true })).toBe(true);
    expect(
      [service("detector"), service("all", grants), { ...service("detector"), adminOf: ["*"] }].map((one) =>
        mayUseProxy(one),
      ),
    ).toEqual([false, false, false]);
  });
});
