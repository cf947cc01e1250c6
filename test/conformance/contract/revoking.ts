// The contract of revocations: what was vouched for before closes, awake or asleep, and comes in nowhere.
import { describe, expect, test } from "vitest";
import { Client } from "../../support/client.ts";
import type { SessionOptions } from "../../support/session-token.ts";
import { BOTH_SOCKETS } from "./both-sockets.ts";
import { type Contract, newStream, newUser } from "./contract.ts";
import { askerOf } from "./http.ts";
import { AFTER, BEFORE, revokerOf } from "./revoke.ts";

/** Nothing is tried where the gateway's key is not known. */
export function revoking(contract: Contract): void {
  const { adminKey } = contract;
  const ask = askerOf(contract);
  const revoke = revokerOf(contract);
  /** One that has said something: the close of one that has not takes workerd eleven seconds, though it is told at once. */
  const connect = async (streamId: string, session: SessionOptions): Promise<Client> => {
    const client = await contract.connect(streamId, session);
    await client.caughtUp();
    return client;
  };
  const refusalOf = async (session: SessionOptions, path: string) =>
    contract.refusal(new URL(path, contract.url()), {
      Authorization: `Bearer ${await contract.signSession(session)}`,
    });
  const statusFor = async (session: SessionOptions): Promise<unknown> => {
    const headers = { Authorization: `Bearer ${await contract.signSession(session)}` };
    const { status, body } = await ask("GET", "/streams", undefined, undefined, headers);
    return status === 200 ? "in" : [status, body["code"]];
  };

  describe.skipIf(adminKey === undefined).concurrent("a revocation", () => {
    test.each(BOTH_SOCKETS)("closes %s, and the next one is refused", async (_kind, open) => {
      const [streamId, userId] = [newStream(), newUser()];
      const client = await open(contract, streamId, userId);
      await client.register({ produces: ["video-frame"] });
      expect(await revoke({ userId })).toMatchObject({ status: 202, body: { userId, graceMs: 0 } });
      expect(await client.nextError("SESSION_REVOKED")).toMatchObject({ temporary: false, reauth: true });
      expect(await client.closed()).toMatchObject({ code: 4410 });
      expect(await refusalOf({ userId, ...BEFORE }, `/streams/${streamId}`)).toMatchObject({
        status: 401,
        code: "SESSION_REVOKED",
      });
    });

    test("closes a socket whose stream sleeps", async () => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      await contract.sleep(streamId);
      await revoke({ userId });
      expect([await producer.closed(), await consumer.closed()]).toMatchObject([{ code: 4410 }, { code: 4410 }]);
    });

    test("closes sockets on all streams, and nobody else's", async () => {
      const { userId, producer, streamId } = await contract.openPair();
      const elsewhere = await connect(newStream(), { userId });
      await ask("PUT", `/streams/${streamId}/access`, userId, { public: true });
      const reader = await contract.connect(streamId);
      await reader.register({ consumes: ["alert"] });
      await revoke({ userId });
      expect([await producer.closed(), await elsewhere.closed()]).toMatchObject([{ code: 4410 }, { code: 4410 }]);
      await reader.caughtUp();
    });

    test("of a session leaves the other sessions of the user", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const phone = await connect(streamId, { userId, sessionId: "phone" });
      const laptop = await connect(streamId, { userId, sessionId: "laptop" });
      await revoke({ userId, sessionId: "phone" });
      expect(await phone.closed()).toMatchObject({ code: 4410 });
      await laptop.caughtUp();
      await contract.connect(streamId, { userId, sessionId: "laptop" });
      expect(await statusFor({ userId, sessionId: "laptop" })).toBe("in");
    });

    test("leaves what is vouched for later: who signs in again is in", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      await revoke({ userId });
      expect(await refusalOf({ userId, ...BEFORE }, `/streams/${streamId}`)).toMatchObject({ status: 401 });
      const client = await contract.connect(streamId, { userId, ...AFTER });
      await client.register({ produces: ["video-frame"] });
      expect(await statusFor({ userId, ...AFTER })).toBe("in");
    });

    test("of what was vouched for before a time leaves what came after", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const old = await connect(streamId, { userId, issuedAgoS: 60 });
      const young = await connect(streamId, { userId });
      await revoke({ userId, issuedBefore: Date.now() - 30_000 });
      expect(await old.closed()).toMatchObject({ code: 4410 });
      await young.caughtUp();
    });

    test("is known to requests", async () => {
      const userId = newUser();
      await revoke({ userId });
      expect(await statusFor({ userId, ...BEFORE })).toEqual([401, "SESSION_REVOKED"]);
      const headers = { Authorization: `Bearer ${await contract.signSession({ userId, ...BEFORE })}` };
      for (const [method, path, sent] of [
        ["GET", "frame", undefined],
        ["GET", "alerts", undefined],
        ["POST", "alerts", {}],
        ["PUT", "access", {}],
      ] as const) {
        const { status, body } = await ask(method, `/streams/${newStream()}/${path}`, undefined, sent, headers);
        expect([status, body]).toMatchObject([401, { code: "SESSION_REVOKED", reauth: true }]);
      }
    });

    test("refuses whoever authenticates by message, or names his stream later", async () => {
      const userId = newUser();
      await revoke({ userId });
      for (const path of ["/streams/register", `/streams/${newStream()}`]) {
        const client = await Client.connect(new URL(path, contract.url()));
        client.send({ type: "auth", token: await contract.signSession({ userId, ...BEFORE }) });
        expect(await client.nextError("SESSION_REVOKED")).toMatchObject({ reauth: true });
        expect(await client.closed()).toMatchObject({ code: 4410 });
        expect(client.unread).toEqual([]);
      }
      expect(await refusalOf({ userId, ...BEFORE }, "/ws")).toMatchObject({ status: 401, code: "SESSION_REVOKED" });
    });

    test("finds a socket that has not named its stream yet when it does", async () => {
      const userId = newUser();
      const token = await contract.signSession({ userId });
      const client = await Client.connect(new URL(`/ws?token=${token}`, contract.url()));
      await revoke({ userId });
      client.send({ type: "register", streamId: newStream(), produces: ["video-frame"] });
      await client.nextError("SESSION_REVOKED");
      expect(await client.closed()).toMatchObject({ code: 4410 });
    });

    test("with a grace lets live sockets go on, and nobody new in", async () => {
      const { streamId, userId, producer, consumer } = await contract.openPair();
      expect(await revoke({ userId, graceMs: 60_000 })).toMatchObject({ status: 202, body: { graceMs: 60_000 } });
      expect(await refusalOf({ userId, ...BEFORE }, `/streams/${streamId}`)).toMatchObject({ code: "SESSION_REVOKED" });
      producer.send({ type: "alert", message: "still here" });
      expect(await consumer.next("alert")).toMatchObject({ message: "still here" });
    });

    test("may be said again, and of somebody who never was here", async () => {
      const userId = newUser();
      for (let time = 0; time < 2; time += 1) expect(await revoke({ userId })).toMatchObject({ status: 202 });
    });

    test.each([
      ["no user", {}],
      ["a user who is a program", { userId: "key:robot" }],
      ["a user who is a number", { userId: 5 }],
      ["a session that is null", { userId: "anna", sessionId: null }],
      ["a session without a name", { userId: "anna", sessionId: "" }],
      ["a time more than a minute ahead", { userId: "anna", issuedBefore: Date.now() + 3_600_000 }],
      ["a time that is no time", { userId: "anna", issuedBefore: "now" }],
      ["a time before 1970", { userId: "anna", issuedBefore: -1 }],
      ["a grace that is too long", { userId: "anna", graceMs: 300_001 }],
      ["a grace that is below nothing", { userId: "anna", graceMs: -1 }],
      ["a half of a grace", { userId: "anna", graceMs: 0.5 }],
      ["a name that nobody knows", { userId: "anna", sessionID: "s-1" }],
    ])("with %s is refused", async (_what, body) => {
      expect(await revoke(body)).toMatchObject({ status: 400, body: { code: "BAD_REQUEST" } });
    });

    test("is an operator's", async () => {
      const userId = newUser();
      expect(await ask("POST", "/admin/revocations", userId, { userId })).toMatchObject({ status: 403 });
      expect(await ask("POST", "/admin/revocations", undefined, { userId })).toMatchObject({ status: 401 });
      expect(await ask("GET", "/admin/revocations", userId)).toMatchObject({ status: 405 });
      expect(await statusFor({ userId })).toBe("in");
    });
  });
}
