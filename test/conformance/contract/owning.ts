// The contract of a stream's owner over HTTP: whom he lets in, and how a stream ends.
import { describe, expect, test } from "vitest";
import { type Contract, newStream, newUser } from "./contract.ts";
import { askerOf } from "./http.ts";

export function owning(contract: Contract): void {
  const ask = askerOf(contract);
  const accessOf = (streamId: string): string => `/streams/${streamId}/access`;

  describe.concurrent("the access list", () => {
    test("of a claimed stream lets nobody in but its owner", async () => {
      const { streamId, userId } = await contract.openPair();
      expect(await ask("GET", accessOf(streamId), userId)).toEqual({
        status: 200,
        body: { owner: userId, public: false, readers: [], writers: {}, version: 1 },
      });
    });

    test("lets a reader read and not write", async () => {
      const { streamId, userId, producer } = await contract.openPair();
      const reader = newUser();
      expect(await ask("PUT", accessOf(streamId), userId, { readers: [reader] })).toMatchObject({
        status: 200,
        body: { readers: [reader], version: 2 },
      });
      const client = await contract.connect(streamId, { userId: reader });
      client.send({ type: "register", produces: ["chat"] });
      await client.nextError("UNAUTHORIZED");
      await client.register({ consumes: ["video-frame"] });
      producer.sendFrame({ type: "video-frame" });
      expect((await client.nextFrame()).header).toMatchObject({ userId });
    });

    test("lets a writer write the types that it names, and does not let him read", async () => {
      const { streamId, userId, consumer } = await contract.openPair();
      const model = newUser();
      await ask("PUT", accessOf(streamId), userId, { writers: { [model]: ["alert"] } });
      const client = await contract.connect(streamId, { userId: model });
      for (const wrong of [{ produces: ["video-frame"] }, { produces: ["*"] }, { consumes: ["alert"] }]) {
        client.send({ type: "register", ...wrong });
        await client.nextError("UNAUTHORIZED");
      }
      await client.register({ produces: ["alert"] });
      client.send({ type: "alert", message: "from the model" });
      expect(await consumer.next("alert")).toMatchObject({ message: "from the model", userId: model });
    });

    test("that is public lets any authenticated user read", async () => {
      const { streamId, userId } = await contract.openPair();
      await ask("PUT", accessOf(streamId), userId, { public: true });
      const anyone = await contract.connect(streamId);
      expect(await anyone.register({ consumes: ["*"] })).toMatchObject({ type: "success" });
    });

    test("decides anew over every member when it changes", async () => {
      const { streamId, userId, producer } = await contract.openPair();
      const reader = newUser();
      await ask("PUT", accessOf(streamId), userId, { readers: [reader] });
      const client = await contract.connect(streamId, { userId: reader });
      await client.register({ consumes: ["*"] });
      await ask("PUT", accessOf(streamId), userId, { readers: [] });
      await client.nextError("UNAUTHORIZED");
      producer.send({ type: "alert", message: "private", ref: 1 });
      await producer.next("success");
      await client.caughtUp();
      expect(client.unread).toEqual([]);
    });

    test("outlasts a sleep", async () => {
      const { streamId, userId } = await contract.openPair();
      const reader = newUser();
      await ask("PUT", accessOf(streamId), userId, { readers: [reader], writers: { [reader]: ["*"] } });
      await contract.sleep(streamId);
      const client = await contract.connect(streamId, { userId: reader });
      expect(await client.register({ produces: ["*"], consumes: ["*"] })).toMatchObject({ type: "success" });
    });

    test("is the owner's business alone", async () => {
      const { streamId } = await contract.openPair();
      expect(await ask("GET", accessOf(streamId), newUser())).toMatchObject({
        status: 403,
        body: { code: "UNAUTHORIZED" },
      });
      expect(await ask("PUT", accessOf(streamId), newUser(), { public: true })).toMatchObject({ status: 403 });
      expect(await ask("GET", accessOf(streamId), undefined)).toMatchObject({
        status: 401,
        body: { code: "AUTH_REQUIRED" },
      });
    });

    test("claims a stream that nobody owns, and is not there before", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      expect(await ask("GET", accessOf(streamId), userId)).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
      expect(await ask("PUT", accessOf(streamId), userId, {})).toMatchObject({ status: 200, body: { owner: userId } });
      expect(await contract.refusal(contract.streamUrl(streamId), await bearer(contract, newUser()))).toMatchObject({
        code: "UNAUTHORIZED",
      });
    });

    test("that is refused claims nothing, so that who waited there is no reader of the next owner's", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const lurker = await contract.connect(streamId, { userId: newUser() });
      await lurker.register({ consumes: ["*"] });
      const tooMany = Array.from({ length: 257 }, (_, index) => `reader-${index}`);
      for (const [change, status] of [
        [{ version: 7 }, 409],
        [{ owner: newUser() }, 409],
        [{ readers: tooMany }, 400],
      ] as const) {
        expect(await ask("PUT", accessOf(streamId), userId, change)).toMatchObject({ status });
      }
      expect(await ask("GET", accessOf(streamId), userId)).toMatchObject({ status: 404 });
      const { producer, consumer } = await contract.openPair(streamId, userId);
      await lurker.nextError("UNAUTHORIZED");
      producer.send({ type: "alert", message: "private" });
      await consumer.next("alert");
      await lurker.caughtUp();
      expect(lurker.unread).toEqual([]);
    });

    test("cannot change the owner, nor be changed by who read an older one", async () => {
      const { streamId, userId } = await contract.openPair();
      const conflict = { status: 409, body: { code: "CONFLICT" } };
      expect(await ask("PUT", accessOf(streamId), userId, { owner: newUser() })).toMatchObject(conflict);
      expect(await ask("PUT", accessOf(streamId), userId, { owner: userId, version: 1 })).toMatchObject({
        status: 200,
      });
      expect(await ask("PUT", accessOf(streamId), userId, { version: 1 })).toMatchObject(conflict);
    });

    test.each([
      { readers: "everyone" },
      { readers: [7] },
      { public: "yes" },
      { writers: [] },
      { writers: { someone: ["success"] } },
      { readers: Array.from({ length: 257 }, (_, index) => `reader-${index}`) },
    ])("takes no change such as %j", async (change) => {
      const { streamId, userId } = await contract.openPair();
      expect(await ask("PUT", accessOf(streamId), userId, change)).toMatchObject({
        status: 400,
        body: { code: "BAD_REQUEST" },
      });
      expect(await ask("GET", accessOf(streamId), userId)).toMatchObject({ body: { version: 1 } });
    });

    test("is JSON of a modest size", async () => {
      const { streamId, userId } = await contract.openPair();
      const text = { "Content-Type": "text/plain" };
      expect(await ask("PUT", accessOf(streamId), userId, {}, text)).toMatchObject({ status: 415 });
      expect(await ask("PUT", accessOf(streamId), userId, { readers: ["x".repeat(300_000)] })).toMatchObject({
        status: 413,
      });
      expect(await ask("PUT", accessOf(streamId), userId, [])).toMatchObject({ status: 400 });
    });
  });

  describe.concurrent("a request with a cookie", () => {
    const withCookie = async (headers: Record<string, string>): Promise<number> => {
      const { streamId, userId } = await contract.openPair();
      const cookie = `better-auth.session_data=${await contract.signSession({ userId })}`;
      return (await ask("PUT", accessOf(streamId), undefined, {}, { Cookie: cookie, ...headers })).status;
    };

    test("counts from the gateway's own origin, and from a client that is no browser", async () => {
      expect(await withCookie({ Origin: contract.url().origin })).toBe(200);
      expect(await withCookie({})).toBe(200);
      expect(await withCookie({ "Sec-Fetch-Site": "same-origin" })).toBe(200);
    });

    test("does not count from another site", async () => {
      expect(await withCookie({ Origin: "https://evil.example" })).toBe(403);
      expect(await withCookie({ Origin: "null" })).toBe(403);
      expect(await withCookie({ "Sec-Fetch-Site": "cross-site" })).toBe(403);
    });
  });

  describe.concurrent("deleting a stream", () => {
    test("ends its members for good, and what it remembered", async () => {
      const { streamId, userId, epoch, producer, consumer } = await contract.openPair();
      producer.send({ type: "alert", message: "forgotten", ref: 1 });
      await producer.next("success");
      expect(await ask("DELETE", `/streams/${streamId}`, userId)).toEqual({ status: 204, body: {} });
      expect(await consumer.nextError("NOT_FOUND")).toMatchObject({ temporary: false, reauth: false });
      expect(await producer.closed()).toMatchObject({ code: 1008 });
      expect(await ask("GET", accessOf(streamId), userId)).toMatchObject({ status: 404 });

      const next = await contract.connect(streamId, { userId: newUser() });
      const success = await next.register({ produces: ["alert"], consumes: ["alert"], resume: { epoch, offset: 0 } });
      expect(success).toMatchObject({ offset: 0, recovered: false });
      expect(success["epoch"]).not.toBe(epoch);
      next.send({ type: "alert", message: "first of the next owner", ref: 1 });
      expect(await next.next("success")).toMatchObject({ offset: 1 });
    });

    test("is the owner's business alone", async () => {
      const { streamId } = await contract.openPair();
      expect(await ask("DELETE", `/streams/${streamId}`, newUser())).toMatchObject({ status: 403 });
      expect(await ask("DELETE", `/streams/${newStream()}`, newUser())).toMatchObject({ status: 404 });
    });
  });
}

async function bearer(contract: Contract, userId: string): Promise<Record<string, string>> {
  return { Authorization: `Bearer ${await contract.signSession({ userId })}` };
}
