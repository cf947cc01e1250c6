// Whether what a Worker says of a socket reaches the object of its user whole, and what comes back is understood.
import { expect, test } from "vitest";
import { readRevoked, readWatch, writeRevoked, writeWatch } from "../../connection/watch.ts";

const WATCHED = { connectionId: "c-1", subject: { userId: "Ünï-😀", sessionId: 's-"%', issuedAtS: 1_790_000_000 } };

test("All of it arrives, and nothing else is on the request", () => {
  const request = writeWatch(WATCHED);
  expect(readWatch(request)).toEqual(WATCHED);
  expect([...request.headers.keys()].toSorted()).toEqual(["upgrade", "x-sluice-handoff"]);
});

test.each<readonly [string, object]>([
  ["without a connection", { ...WATCHED, connectionId: 5 }],
  ["of a program", { ...WATCHED, subject: { ...WATCHED.subject, userId: "key:robot" } }],
  ["without a session", { ...WATCHED, subject: { ...WATCHED.subject, sessionId: "" } }],
  ["without a time", { ...WATCHED, subject: { ...WATCHED.subject, issuedAtS: undefined } }],
  ["of nobody", { connectionId: "c-1" }],
])("One %s is none", (_what, watched) => {
  const headers = { "X-Sluice-Handoff": encodeURIComponent(JSON.stringify(watched)) };
  expect(readWatch(new Request("https://user.internal/", { headers }))).toBeUndefined();
});

test("A revocation says how long the socket may stay", () => {
  expect([0, 5000].map((graceMs) => readRevoked(writeRevoked(graceMs)))).toEqual([0, 5000]);
});

test.each(["", "no JSON", "{}", '{"graceMs":"5000"}', new ArrayBuffer(4)])(
  "%j is a revocation without any time",
  (message) => {
    expect(readRevoked(message)).toBe(0);
  },
);
