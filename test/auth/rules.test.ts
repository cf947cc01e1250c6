// Which rule is said to decide: each word of the list by an example, and always the one that did.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { judge, NOBODY, STREAM_POLICIES, type StreamFacts } from "../../auth/policy.ts";
import type { Operation, Principal, ServicePrincipal } from "../../auth/principal.ts";
import { type Rule, RULES } from "../../auth/rules.ts";
import { service, user } from "../support/members.ts";
import { holder } from "../support/tickets.ts";

const ANNA = user("anna");
const BOB = user("bob");
const BOTH = { operations: ["read", "write"], streams: ["cam-*"] } as const;
const BOUND = service("robot", BOTH);
const KEY: ServicePrincipal = { kind: "service", userId: "key:archive", grants: { ...BOTH, operations: ["read"] } };
const UNGRANTED = service("unknown");
const OWNED: StreamFacts = { policy: "claim", streamId: "cam-1", claimedBy: "anna", epoch: "e1" };
const UNOWNED: StreamFacts = { policy: "claim", streamId: "cam-1", claimedBy: undefined };
const SHARED = { ...OWNED, access: { public: false, readers: ["bob"], writers: { bob: ["note"] } } };
const PUBLIC = { ...OWNED, access: { public: true, readers: [], writers: {} } };
const PREFIX: StreamFacts = { ...UNOWNED, policy: "prefix", streamId: "anna:cam" };
const OPEN: StreamFacts = { ...OWNED, policy: "open", claimedBy: NOBODY };
const delegating = (isAllowed: boolean, claimedBy?: string): StreamFacts => ({
  ...UNOWNED,
  policy: "delegate",
  claimedBy,
  delegated: { allows: () => isAllowed },
});

const EXAMPLES: readonly (readonly [Rule, string, Principal, Operation, StreamFacts])[] = [
  ["owner", "allow", ANNA, "read", OWNED],
  ["owner", "allow", ANNA, "write", OWNED],
  ["prefix-owner", "allow-and-claim", ANNA, "write", PREFIX],
  ["prefix-owner", "allow", ANNA, "read", { ...PREFIX, claimedBy: "bob" }],
  ["access-list-reader", "allow", BOB, "read", SHARED],
  ["access-list-writer", "allow", BOB, "write", SHARED],
  ["public", "allow", BOB, "read", PUBLIC],
  ["public", "allow", UNGRANTED, "read", PUBLIC],
  ["api-key-grant", "allow", KEY, "read", OWNED],
  ["binding-props", "allow", BOUND, "write", OWNED],
  ["open", "allow", BOB, "read", OPEN],
  ["open", "allow-and-claim", BOUND, "write", { ...OPEN, claimedBy: undefined }],
  ["not-granted", "deny", KEY, "write", OPEN],
  ["not-granted", "deny", UNGRANTED, "read", delegating(true, "anna")],
  ["unclaimed-read", "allow", BOB, "read", UNOWNED],
  ["unclaimed-read", "allow", UNGRANTED, "read", UNOWNED],
  ["would-claim", "allow-and-claim", BOB, "write", UNOWNED],
  ["cannot-claim", "deny", BOUND, "write", UNOWNED],
  ["cannot-claim", "deny", BOB, "write", PREFIX],
  ["cannot-claim", "deny", BOUND, "write", delegating(true)],
  ["nobody-owns", "deny", ANNA, "read", { ...PREFIX, streamId: "cam-1" }],
  ["delegated", "allow", BOB, "read", delegating(true)],
  ["delegated", "allow-and-claim", BOB, "write", delegating(true)],
  ["delegated", "deny", BOB, "read", delegating(false, "bob")],
  ["ticket", "allow", holder(), "read", OWNED],
  ["ticket", "deny", holder(), "write", OWNED],
  ["other-stream", "deny", holder({ streamId: "cam-2" }), "read", OWNED],
  ["other-epoch", "deny", holder({ epoch: "e0" }), "read", OWNED],
  ["other-epoch", "deny", holder(), "read", UNOWNED],
  ["no-rule", "deny", BOB, "read", OWNED],
  ["no-rule", "deny", KEY, "write", OWNED],
  ["no-rule", "deny", BOUND, "read", { ...OWNED, streamId: "door" }],
];

/** Said by those who look before, beside or behind the stream's rules. */
const SAID_ELSEWHERE: readonly Rule[] = [
  "delegate-unreachable",
  "ticket-used-up",
  "credential-refused",
  "revoked",
  "revocations-unknown",
];

test.each(EXAMPLES)("%s decides %s: %j would %s where %j", (rule, decision, principal, operation, facts) => {
  expect(judge(principal, operation, facts, operation === "write" ? ["note"] : [])).toEqual({ decision, rule });
});

test("A list that lets somebody write other types is not the rule", () => {
  expect(judge(BOB, "write", SHARED, ["note", "alert"])).toEqual({ decision: "deny", rule: "no-rule" });
});

test("Each word of the list has an example", () => {
  const shown = new Set([...EXAMPLES.map(([rule]) => rule), ...SAID_ELSEWHERE]);
  expect([...RULES].filter((rule) => !shown.has(rule))).toEqual([]);
});

test("Whatever is so, a ticket and the Worker that decides alone both allow and deny", () => {
  const either: ReadonlySet<Rule> = new Set(["ticket", "delegated"] as const);
  const denying: ReadonlySet<Rule> = new Set([
    "not-granted",
    "cannot-claim",
    "nobody-owns",
    "other-stream",
    "other-epoch",
    "no-rule",
  ] as const);
  const principal = fc.constantFrom<Principal>(ANNA, BOB, BOUND, KEY, UNGRANTED, holder(), holder({ epoch: "e0" }));
  const facts = fc.record({
    policy: fc.constantFrom(...STREAM_POLICIES),
    streamId: fc.constantFrom("cam-1", "anna:cam", "door"),
    claimedBy: fc.constantFrom(undefined, "anna", "bob", NOBODY),
    epoch: fc.constantFrom("e0", "e1"),
    access: fc.constantFrom(undefined, SHARED.access, PUBLIC.access),
    delegated: fc.constantFrom(undefined, { allows: () => true }, { allows: () => false }),
  });
  fc.assert(
    fc.property(principal, fc.constantFrom<Operation>("read", "write"), facts, (who, operation, where) => {
      const { decision, rule } = judge(who, operation, where, ["note"]);
      expect(either.has(rule) || denying.has(rule) === (decision === "deny")).toBe(true);
      expect(SAID_ELSEWHERE).not.toContain(rule);
    }),
  );
});
