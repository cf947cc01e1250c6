// Who may read and write a stream, claimed or not.
import { expect, test } from "vitest";
import { decide, type Operation } from "../../auth/policy.ts";
import type { Principal } from "../../auth/principal.ts";

const ALICE: Principal = { kind: "user", userId: "alice", sessionId: "s-1" };
const ALICE_ELSEWHERE: Principal = { kind: "user", userId: "alice", sessionId: "s-2" };
const BOB: Principal = { kind: "user", userId: "bob", sessionId: "s-3" };
const DETECTOR: Principal = { kind: "service", userId: "svc:detector" };

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
  expect(decide(principal, operation, { ownerId })).toBe(decision);
});
