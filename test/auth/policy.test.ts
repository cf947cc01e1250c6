// Who may read and write a stream under each policy, claimed or not, and what follows of that.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, NOBODY, ownerOf, STREAM_POLICIES, type StreamFacts } from "../../auth/policy.ts";
import type { Operation, Principal, StreamGrants } from "../../auth/principal.ts";
import { mayManage, mayMintTickets, maySeeMembers, maySeeStatus } from "../../auth/privileges.ts";
import { service } from "../support/members.ts";
import { holder } from "../support/tickets.ts";

const ALICE: Principal = { kind: "user", userId: "alice", sessionId: "s-1" };
const ALICE_ELSEWHERE: Principal = { kind: "user", userId: "alice", sessionId: "s-2" };
const BOB: Principal = { kind: "user", userId: "bob", sessionId: "s-3" };
const DETECTOR = service("detector");

test.each<readonly [string, Principal, Operation, string | undefined, string]>([
  ["a user who writes to an unclaimed stream claims it", ALICE, "write", undefined, "allow-and-claim"],
  ["a user may wait on an unclaimed stream for its producer", ALICE, "read", undefined, "allow"],
  ["a service may wait on an unclaimed stream too", DETECTOR, "read", undefined, "allow"],
  ["a service never claims", DETECTOR, "write", undefined, "deny"],
  ["an owner writes without claiming again", ALICE, "write", "alice", "allow"],
  ["an owner reads", ALICE, "read", "alice", "allow"],
  ["an owner is the same person in every session", ALICE_ELSEWHERE, "write", "alice", "allow"],
  ["another user does not write", BOB, "write", "alice", "deny"],
  ["another user does not read", BOB, "read", "alice", "deny"],
  ["a service does not write to a user's stream", DETECTOR, "write", "alice", "deny"],
  ["a service does not read a user's stream", DETECTOR, "read", "alice", "deny"],
  ["a service is no owner, even where its name is the owner's", DETECTOR, "write", "svc:detector", "deny"],
  ["ids are compared letter by letter", ALICE, "read", "Alice", "deny"],
  ["an owner whose id is empty is not the same as no owner", ALICE, "write", "", "deny"],
])("%s", (_rule, principal, operation, ownerId, decision) => {
  expect(decide(principal, operation, { policy: "claim", streamId: "cam-1", claimedBy: ownerId })).toBe(decision);
});

const READ: readonly Operation[] = ["read"];
const WRITE: readonly Operation[] = ["write"];

test.each<readonly [string, StreamGrants, Operation, string]>([
  ["may read what it was granted by name", { operations: READ, streams: ["cam-1"] }, "read", "allow"],
  ["may write what it was granted by name", { operations: WRITE, streams: ["cam-1"] }, "write", "allow"],
  ["may read what it was granted by a pattern", { operations: READ, streams: ["door", "cam-*"] }, "read", "allow"],
  ["may read everything that belongs to somebody", { operations: READ, streams: ["*"] }, "read", "allow"],
  ["that may read does not write", { operations: READ, streams: ["*"] }, "write", "deny"],
  ["that may write does not read", { operations: WRITE, streams: ["*"] }, "read", "deny"],
  ["does nothing on a stream that it was not granted", { operations: READ, streams: ["cam-2"] }, "read", "deny"],
  ["does nothing where it was granted no stream", { operations: ["read", "write"], streams: [] }, "read", "deny"],
  ["does nothing where it was granted no operation", { operations: [], streams: ["*"] }, "read", "deny"],
])("on a stream that is owned a service %s", (_rule, grants, operation, decision) => {
  expect(
    decide(service("detector", grants), operation, { policy: "claim", streamId: "cam-1", claimedBy: "alice" }),
  ).toBe(decision);
});

test("a service never claims, whatever it was granted", () => {
  const all = service("detector", { operations: ["read", "write"], streams: ["*"] });
  expect(decide(all, "write", { policy: "claim", streamId: "cam-1", claimedBy: undefined })).toBe("deny");
});

describe("under the policy prefix", () => {
  const facts = (streamId: string, claimedBy?: string): StreamFacts => ({ policy: "prefix", streamId, claimedBy });

  test.each<readonly [string, Principal, Operation, StreamFacts, string]>([
    ["the user of the prefix claims by writing", ALICE, "write", facts("alice:cam"), "allow-and-claim"],
    ["the user of the prefix reads before it is claimed", ALICE, "read", facts("alice:cam"), "allow"],
    ["the user of the prefix writes to what he claimed", ALICE, "write", facts("alice:cam", "alice"), "allow"],
    [
      "he owns it even where another claimed it under another policy",
      ALICE,
      "write",
      facts("alice:cam", "bob"),
      "allow",
    ],
    ["who claimed it under another policy owns it no more", BOB, "read", facts("alice:cam", "bob"), "deny"],
    ["another user does not claim", BOB, "write", facts("alice:cam"), "deny"],
    ["another user does not wait to read", BOB, "read", facts("alice:cam"), "deny"],
    ["another user does not read", BOB, "read", facts("alice:cam", "alice"), "deny"],
    ["nobody claims an id without a prefix", ALICE, "write", facts("cam"), "deny"],
    ["nobody waits on an id without a prefix", ALICE, "read", facts("cam"), "deny"],
    ["an id that is only a user's has no prefix", ALICE, "write", facts("alice"), "deny"],
    ["an id that begins with a colon has no prefix", ALICE, "write", facts(":alice:cam"), "deny"],
    ["the prefix ends at the first colon", ALICE, "write", facts("alice:bob:cam"), "allow-and-claim"],
    ["the second part is no prefix", BOB, "write", facts("alice:bob:cam"), "deny"],
    ["a prefix is compared letter by letter", ALICE, "write", facts("Alice:cam"), "deny"],
    ["a user whose id is the beginning of a prefix has no right", ALICE, "write", facts("alice2:cam"), "deny"],
    ["a service whose name is the prefix's does not own", service("x"), "write", facts("svc:x:cam", "svc"), "deny"],
    ["a service does not wait where it was granted nothing", DETECTOR, "read", facts("alice:cam"), "deny"],
  ])("%s", (_rule, principal, operation, facts_, decision) => {
    expect(decide(principal, operation, facts_)).toBe(decision);
  });

  test.each([
    ["letters of a prefix", "aZ09_-", true],
    ["64 of them", "x".repeat(64), true],
    ["65 of them", "x".repeat(65), false],
    ["a dot", "a.b", false],
    ["a letter beyond ASCII", "zoë", false],
    ["a space", "a b", false],
  ])("a user whose id has %s owns a prefix: %s %s", (_what, userId, owns) => {
    expect(ownerOf(facts(`${userId}:cam`))).toBe(owns ? userId : undefined);
  });

  test("an id without a prefix is nobody's, even where somebody claimed it under another policy", () => {
    expect([ownerOf(facts("cam", "alice")), decide(ALICE, "read", facts("cam", "alice"))]).toEqual([undefined, "deny"]);
  });

  test("whom the owner lets in has what the list says, once the stream exists", () => {
    const access = { public: false, readers: ["bob"], writers: { bob: ["alert"] } };
    const claimed = { ...facts("alice:cam", "alice"), access };
    expect([decide(BOB, "read", claimed), decide(BOB, "write", claimed, ["alert"])]).toEqual(["allow", "allow"]);
    expect(decide(BOB, "write", claimed, ["note"])).toBe("deny");
    expect(decide(BOB, "write", facts("alice:cam"), ["alert"])).toBe("deny");
  });

  test("a service does what it was granted, but makes no stream", () => {
    const robot = service("robot", { operations: ["read", "write"], streams: ["alice:*"] });
    expect([decide(robot, "read", facts("alice:cam")), decide(robot, "write", facts("alice:cam"))]).toEqual([
      "allow",
      "deny",
    ]);
    expect(decide(robot, "write", facts("alice:cam", "alice"))).toBe("allow");
    expect(decide(robot, "read", facts("nobodys-prefix"))).toBe("deny");
  });
});

describe("under the policy open", () => {
  const facts = (claimedBy?: string): StreamFacts => ({ policy: "open", streamId: "cam-1", claimedBy });

  const ROBOT = service("robot", { operations: ["read", "write"], streams: ["cam-*"] });

  test("what the operator wrote beside a key narrows it all the same", () => {
    const reader = service("reader", { operations: ["read"], streams: ["cam-1"] });
    for (const [principal, operation] of [
      [DETECTOR, "read"],
      [DETECTOR, "write"],
      [reader, "write"],
    ] as const) {
      expect(decide(principal, operation, facts(NOBODY))).toBe("deny");
    }
    expect(decide(reader, "read", facts(NOBODY))).toBe("allow");
  });

  test.each([ALICE, ROBOT])("%j reads and writes, and the first who writes makes the stream", (principal) => {
    expect([decide(principal, "read", facts()), decide(principal, "write", facts())]).toEqual([
      "allow",
      "allow-and-claim",
    ]);
    for (const claimedBy of [NOBODY, "bob"]) {
      expect(decide(principal, "read", facts(claimedBy))).toBe("allow");
      expect(decide(principal, "write", facts(claimedBy))).toBe("allow");
    }
  });

  test("nobody owns, not even who claimed under another policy", () => {
    expect([ownerOf(facts()), ownerOf(facts(NOBODY)), ownerOf(facts("alice"))]).toEqual(Array(3).fill(undefined));
    expect(mayManage(ALICE, facts("alice"))).toBe(false);
  });

  test("every principal sees the members of a stream that exists", () => {
    expect([maySeeMembers(BOB, facts(NOBODY)), maySeeMembers(BOB, facts())]).toEqual([true, false]);
  });
});

describe("under the policy delegate", () => {
  /** Allows these, as `userId operation types`. */
  const facts = (claimedBy: string | undefined, ...allowed: readonly string[]): StreamFacts => ({
    policy: "delegate",
    streamId: "cam-1",
    claimedBy,
    delegated: { allows: ({ userId }, operation, types) => allowed.includes([userId, operation, ...types].join(" ")) },
  });
  const ROBOT = service("robot", { operations: ["read", "write"], streams: ["cam-*"] });

  test.each<readonly [string, Principal, Operation, StreamFacts, string]>([
    ["who is allowed to read does", BOB, "read", facts("alice", "bob read"), "allow"],
    ["who is allowed to write these types does", BOB, "write", facts("alice", "bob write note"), "allow"],
    ["who is allowed to write others does not", BOB, "write", facts("alice", "bob write alert", "bob write"), "deny"],
    ["who is allowed to write makes the stream", BOB, "write", facts(undefined, "bob write note"), "allow-and-claim"],
    ["who is allowed to read may wait for it", BOB, "read", facts(undefined, "bob read"), "allow"],
    ["who made the stream has no right by that", ALICE, "write", facts("alice"), "deny"],
    ["whom nobody was asked about has none", ALICE, "read", { ...facts("alice"), delegated: undefined }, "deny"],
    [
      "whom an access list names has none by that",
      BOB,
      "read",
      { ...facts("alice"), access: { public: true, readers: ["bob"], writers: {} } },
      "deny",
    ],
    [
      "a program does what it was granted and is allowed",
      ROBOT,
      "write",
      facts("alice", "svc:robot write note"),
      "allow",
    ],
    ["a program does nothing that it is not allowed", ROBOT, "read", facts("alice"), "deny"],
    ["a program does nothing that it was not granted", DETECTOR, "read", facts("alice", "svc:detector read"), "deny"],
    ["a program makes no stream", ROBOT, "write", facts(undefined, "svc:robot write note"), "deny"],
  ])("%s", (_rule, principal, operation, facts_, decision) => {
    expect(decide(principal, operation, facts_, ["note"])).toBe(decision);
  });

  test("nobody owns, so an admin alone manages, and a service alone makes tickets", () => {
    const all = facts("alice", "alice read", "alice write");
    expect([ownerOf(all), mayManage(ALICE, all), mayMintTickets(ALICE, all)]).toEqual([undefined, false, false]);
    const grants = { operations: [], streams: ["*"], mintsTickets: true } as const;
    expect([mayManage({ ...service("ops"), adminOf: ["*"] }, all), mayMintTickets(service("x", grants), all)]).toEqual([
      true,
      true,
    ]);
  });

  test("who may write anything sees the members", () => {
    expect([maySeeMembers(BOB, facts("alice", "bob write")), maySeeMembers(BOB, facts("alice", "bob read"))]).toEqual([
      true,
      false,
    ]);
  });
});

test("a stream that was made for all is nobody's under the policy claim", () => {
  const facts: StreamFacts = { policy: "claim", streamId: "cam-1", claimedBy: NOBODY };
  expect([decide(ALICE, "write", facts), decide(ALICE, "read", facts), mayManage(ALICE, facts)]).toEqual([
    "deny",
    "deny",
    false,
  ]);
});

describe("a ticket", () => {
  const facts: StreamFacts = { policy: "claim", streamId: "cam-1", claimedBy: "alice", epoch: "e1" };
  const both = holder({ operations: ["read", "write"] });

  test.each<readonly [string, Principal, Operation, Partial<StreamFacts>, string]>([
    ["for reading reads", holder(), "read", {}, "allow"],
    ["for reading does not write", holder(), "write", {}, "deny"],
    ["for writing writes", holder({ operations: ["write"] }), "write", {}, "allow"],
    ["for writing does not read", holder({ operations: ["write"] }), "read", {}, "deny"],
    ["of another stream does nothing", both, "read", { streamId: "cam-2" }, "deny"],
    ["of another epoch does nothing, though its user owns again", both, "read", { epoch: "e2" }, "deny"],
    ["does not wait where nobody owns any more", both, "read", { claimedBy: undefined, epoch: undefined }, "deny"],
    ["never claims", both, "write", { claimedBy: undefined, epoch: undefined }, "deny"],
    ["needs no place in the access list", holder({ userId: "bob" }), "read", {}, "allow"],
  ])("%s", (_rule, principal, operation, changes, decision) => {
    for (const policy of STREAM_POLICIES) {
      expect(decide(principal, operation, { ...facts, policy, ...changes })).toBe(decision);
    }
  });

  test("reads no more than it says where everybody may read, or everybody may do all", () => {
    const access = { public: true, readers: ["alice"], writers: { alice: ["*"] } };
    const write = holder({ operations: ["write"] });
    expect(decide(write, "read", { ...facts, access })).toBe("deny");
    expect(decide(holder(), "write", { ...facts, access })).toBe("deny");
    expect(decide(write, "read", { ...facts, policy: "open" })).toBe("deny");
  });

  test("manages nothing, makes no tickets and sees nobody, though it acts for the owner", () => {
    expect([mayManage(both, facts), mayMintTickets(both, facts), maySeeMembers(both, facts)]).toEqual(
      Array(3).fill(false),
    );
  });

  test("sees how its stream is, whatever it is for", () => {
    expect([maySeeStatus(holder(), facts), maySeeStatus(holder({ operations: ["write"] }), facts)]).toEqual([
      true,
      true,
    ]);
    expect(maySeeStatus(both, { ...facts, epoch: "e2" })).toBe(false);
  });

  test("of one stream and epoch never allows anything on another, whatever else is so", () => {
    const id = fc.constantFrom("cam-1", "cam-2", "alice:cam-1", "bob:cam");
    const someone = fc.constantFrom("alice", "bob", "svc:x", "jwt:1");
    const epoch = fc.constantFrom("e1", "e2");
    const anyFacts = fc.record({
      policy: fc.constantFrom(...STREAM_POLICIES),
      streamId: id,
      claimedBy: fc.option(fc.oneof(someone, fc.constant(NOBODY)), { nil: undefined }),
      epoch: fc.option(epoch, { nil: undefined }),
      access: fc.constantFrom(
        { public: true, readers: [], writers: {} },
        { public: false, readers: ["alice", "bob"], writers: { alice: ["*"], bob: ["*"] } },
      ),
    });
    const anyTicket = fc.record({
      streamId: id,
      epoch,
      userId: someone,
      operations: fc.constantFrom<readonly Operation[]>(["read"], ["write"], ["read", "write"]),
    });
    fc.assert(
      fc.property(anyTicket, anyFacts, fc.constantFrom<Operation>("read", "write"), (words, where, operation) => {
        const isItsOwn =
          words.streamId === where.streamId && words.epoch === where.epoch && where.claimedBy !== undefined;
        const mayAtAll = isItsOwn && words.operations.includes(operation);
        const ticket = holder(words);
        expect(decide(ticket, operation, where, ["note"])).toBe(mayAtAll ? "allow" : "deny");
        expect(maySeeStatus(ticket, where)).toBe(isItsOwn);
        expect([mayManage(ticket, where), mayMintTickets(ticket, where), maySeeMembers(ticket, where)]).toEqual(
          Array(3).fill(false),
        );
      }),
    );
  });
});
