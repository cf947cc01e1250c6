// Who may read and write a stream, claimed or not.
import { expect, test } from "vitest";
import { decide } from "../../auth/policy.ts";
import type { Operation, Principal, StreamGrants } from "../../auth/principal.ts";
import { service } from "../support/members.ts";

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
