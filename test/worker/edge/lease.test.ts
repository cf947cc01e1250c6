// The place of a held socket among its user's connections: taken once it is known whose it is, given back once.
import { expect, test } from "vitest";
import type { Authenticated } from "../../../auth/authenticator.ts";
import type { Principal } from "../../../auth/principal.ts";
import type { Admittance } from "../../../durable-objects/user/admitting.ts";
import { Lease } from "../../../worker/edge/lease.ts";
import { service, user } from "../../support/members.ts";
import { holder } from "../../support/tickets.ts";

function leaseOf(admittance: Admittance | Promise<Admittance>) {
  const asked: unknown[] = [];
  const released: string[] = [];
  const lease = new Lease({
    connectionId: "c-1",
    registerTimeoutMs: 10_000,
    admit: async (...question) => {
      asked.push(question);
      return admittance;
    },
    release: (userId) => released.push(userId),
  });
  return { lease, asked, released };
}

function who(principal: Principal = user("anna")): Authenticated {
  return { kind: "authenticated", principal, issuedAtS: 5, endsAtMs: 9000, shown: { tokenKind: "session-jwt" } };
}

test("It is asked for in the name of its connection, for as long as that may take to come to a stream", async () => {
  const { lease, asked } = leaseOf("admitted");
  expect(await lease.take(who())).toBeUndefined();
  const subject = { userId: "anna", sessionId: "session-of-anna", issuedAtS: 5 };
  expect(asked).toEqual([[subject, "c-1", { kind: "edge", forMs: 15_000 }]]);
});

test("A ticket takes no place, and its stream asks about it", async () => {
  const { lease, asked } = leaseOf("full");
  expect([await lease.take(who(holder())), asked]).toEqual([undefined, []]);
});

test.each([
  ["revoked", "SESSION_REVOKED"],
  ["full", "CONNECTION_LIMIT"],
  ["unreachable", "OVERLOADED"],
] as const)("One that is %s is refused with %s, and is none to give back", async (admittance, code) => {
  const { lease, released } = leaseOf(admittance);
  expect(await lease.take(who())).toBe(code);
  lease.giveBack();
  expect(released).toEqual([]);
});

test("It is given back once", async () => {
  const { lease, released } = leaseOf("admitted");
  await lease.take(who());
  lease.giveBack();
  lease.giveBack();
  expect(released).toEqual(["anna"]);
});

test("It is given back where the socket went before the answer came", async () => {
  const { promise, resolve } = Promise.withResolvers<Admittance>();
  const { lease, released } = leaseOf(promise);
  const taking = lease.take(who());
  lease.giveBack();
  expect(released).toEqual([]);
  resolve("admitted");
  await taking;
  expect(released).toEqual(["anna"]);
});

test("A program needs none", async () => {
  const { lease, asked, released } = leaseOf("full");
  expect(await lease.take(who(service("robot")))).toBeUndefined();
  lease.giveBack();
  expect([asked, released]).toEqual([[], []]);
});
