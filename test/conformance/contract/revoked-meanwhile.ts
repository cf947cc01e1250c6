// The contract where a revocation meets what else stands for its user: sessions that are renewed, and tickets.
import { describe, expect, test, vi } from "vitest";
import { goesOnUntil } from "../../support/goes-on.ts";
import { BOTH_SOCKETS } from "./both-sockets.ts";
import { byTicket } from "./by-ticket.ts";
import { type Contract, newStream, newUser } from "./contract.ts";
import { askerOf } from "./http.ts";
import { AFTER, BEFORE, revokerOf } from "./revoke.ts";

/** For answers about a user that the gateway remembers for a while. */
const SOON = { interval: 100, timeout: 20_000 };
const GRACE_MS = 2500;

/** Nothing is tried where the gateway's key is not known. */
export function revokedMeanwhile(contract: Contract): void {
  const { adminKey, signSession, streamUrl } = contract;
  const { look, mint, open: openByTicket } = byTicket(contract);
  const ask = askerOf(contract);
  const revoke = revokerOf(contract);

  describe.skipIf(adminKey === undefined).concurrent.each(BOTH_SOCKETS)("a member by %s", (_kind, open) => {
    /** One that is revoked with a grace, and told so. */
    async function warned(graceMs: number) {
      const [streamId, userId] = [newStream(), newUser()];
      const member = await open(contract, streamId, userId);
      await member.register({ produces: ["chat"] });
      const expectedAtMs = Date.now() + graceMs;
      await revoke({ userId, graceMs });
      const expiresAt = Number((await member.next("auth-expiring"))["expiresAt"]);
      expect(Math.abs(expiresAt - expectedAtMs)).toBeLessThan(2000);
      return { streamId, userId, member, expiresAt };
    }

    test("that is revoked with a grace stays to its end and no longer, over a sleep too", async () => {
      const { streamId, member, expiresAt } = await warned(GRACE_MS);
      await contract.sleep(streamId);
      await member.nextError("SESSION_REVOKED");
      expect(Date.now()).toBeGreaterThan(expiresAt - 1000);
      expect(await member.closed()).toMatchObject({ code: 4410 });
    });

    test("that renews within its grace, by a token made later, goes on behind it", async () => {
      const { userId, member, expiresAt } = await warned(GRACE_MS);
      member.send({ type: "auth", token: await signSession({ userId, ...AFTER }) });
      await member.next("success");
      await goesOnUntil(member, expiresAt + 1000);
    });

    test("that shows a token made before ends at once, whatever is left of its grace", async () => {
      const { userId, member } = await warned(60_000);
      member.send({ type: "auth", token: await signSession({ userId, ...BEFORE }), ref: "old" });
      expect(await member.nextError("SESSION_REVOKED")).toMatchObject({ ref: "old" });
      expect(await member.closed()).toMatchObject({ code: 4410 });
    });

    test("that came to another session ends with that one, and not with the first", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const [member, other] = [await open(contract, streamId, userId), await open(contract, streamId, userId)];
      for (const client of [member, other]) await client.caughtUp();
      member.send({ type: "auth", token: await signSession({ userId, sessionId: "second" }) });
      await member.next("success");
      await contract.sleep(streamId);
      await revoke({ userId, sessionId: `session-of-${userId}` });
      expect(await other.closed()).toMatchObject({ code: 4410 });
      await member.caughtUp();
      await revoke({ userId, sessionId: "second" });
      expect(await member.closed()).toMatchObject({ code: 4410 });
    });
  });

  describe.skipIf(adminKey === undefined).concurrent("a ticket of a user", () => {
    test("who is revoked opens nothing more, and the sockets that it opened close", async () => {
      const { streamId, userId } = await contract.openPair();
      const ticket = await mint({ streamId, userId }, { uses: 9 });
      const guest = await openByTicket(streamId, ticket);
      await guest.register({ consumes: ["alert"] });
      await revoke({ userId });
      await guest.nextError("SESSION_REVOKED");
      expect(await guest.closed()).toMatchObject({ code: 4410 });
      const refusal = { status: 401, code: "SESSION_REVOKED" };
      expect(await contract.refusal(streamUrl(streamId, `?ticket=${ticket}`))).toMatchObject(refusal);
      // Where it is refused anyway, so that looking takes no use.
      const refused = { status: 401, body: { code: "SESSION_REVOKED" } };
      await vi.waitFor(
        async () => expect(await look(ticket, `/streams/${streamId}/access`)).toMatchObject(refused),
        SOON,
      );
      for (const path of ["", "/frame", "/alerts"]) {
        expect(await look(ticket, `/streams/${streamId}${path}`)).toMatchObject(refused);
      }
    });

    test("of which another session is revoked goes on, and ends with its own", async () => {
      const { streamId, userId, producer } = await contract.openPair();
      const guest = await openByTicket(streamId, await mint({ streamId, userId }));
      await guest.register({ consumes: ["alert"] });
      const other = await contract.connect(streamId, { userId, sessionId: "second" });
      await other.caughtUp();
      await revoke({ userId, sessionId: "second" });
      expect(await other.closed()).toMatchObject({ code: 4410 });
      await guest.caughtUp();
      await revoke({ userId, sessionId: `session-of-${userId}` });
      expect([await guest.closed(), await producer.closed()]).toMatchObject([{ code: 4410 }, { code: 4410 }]);
    });

    test("whose session is about to end tells nobody to renew, since nobody could", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const session = { userId, sessionEndsInMs: 20_000 };
      const headers = { Authorization: `Bearer ${await signSession(session)}` };
      await ask("PUT", `/streams/${streamId}/access`, undefined, {}, headers);
      const { body } = await ask("POST", "/tickets", undefined, { streamId, operations: ["read"] }, headers);
      const guest = await openByTicket(streamId, String(body["ticket"]));
      await guest.register({ consumes: ["alert"] });
      const owner = await contract.connect(streamId, session);
      // By the alarm, which has looked at all of them.
      await owner.next("auth-expiring");
      await guest.caughtUp();
      expect(guest.unread).toEqual([]);
    });

    test("who is revoked with a grace tells nobody to renew either, and ends with it", async () => {
      const { streamId, userId, producer } = await contract.openPair();
      const guest = await openByTicket(streamId, await mint({ streamId, userId }));
      await guest.register({ consumes: ["alert"] });
      await revoke({ userId, graceMs: GRACE_MS });
      await producer.next("auth-expiring");
      await guest.caughtUp();
      expect(guest.unread).toEqual([]);
      await guest.nextError("SESSION_REVOKED");
      expect(await guest.closed()).toMatchObject({ code: 4410 });
    });
  });
}
