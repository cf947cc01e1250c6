// The contract of tickets: a piece of an owner's rights on one stream, for a while and a number of times, also in a URL.
import { describe, expect, test, vi } from "vitest";
import { Client, Refused } from "../../support/client.ts";
import { goesOnUntil } from "../../support/goes-on.ts";
import { byTicket } from "./by-ticket.ts";
import { type Contract, newStream, newUser } from "./contract.ts";
import { askerOf, type HttpAnswer } from "./http.ts";
import { openWithFrame } from "./with-frame.ts";

export function tickets(contract: Contract): void {
  const ask = askerOf(contract);
  const order = (userId: string | undefined, body: Record<string, unknown>): Promise<HttpAnswer> =>
    ask("POST", "/tickets", userId, body);
  const { look, mint, open } = byTicket(contract);
  const isRefused = { status: 401, body: { code: "AUTH_FAILED" } };
  const isDenied = { status: 403, body: { code: "UNAUTHORIZED" } };

  describe.concurrent("a ticket", () => {
    test("is the owner's to make, and says until when", async () => {
      const pair = await contract.openPair();
      const before = Date.now();
      const { status, body } = await order(pair.userId, { streamId: pair.streamId, operations: ["read"] });
      expect([status, Object.keys(body).toSorted()]).toEqual([200, ["expiresAt", "ticket"]]);
      const livesMs = Number(body["expiresAt"]) - before;
      expect(livesMs).toBeGreaterThan(58_000);
      expect(livesMs).toBeLessThan(70_000);
      expect(String(body["ticket"])).toMatch(/^[A-Za-z0-9._-]+$/);
      expect(await order(newUser(), { streamId: pair.streamId, operations: ["read"] })).toMatchObject(isDenied);
      expect(await order(undefined, { streamId: pair.streamId, operations: ["read"] })).toMatchObject({
        status: 401,
        body: { code: "AUTH_REQUIRED" },
      });
    });

    test("is made for a stream that somebody owns, and claims none", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      expect(await order(userId, { streamId, operations: ["read"] })).toMatchObject({ status: 404 });
      expect(await ask("GET", `/streams/${streamId}/access`, userId)).toMatchObject({ status: 404 });
    });

    test.each([
      [{ operations: [] }, "BAD_REQUEST"],
      [{ operations: ["own"] }, "BAD_REQUEST"],
      [{ ttlSeconds: 3601 }, "BAD_REQUEST"],
      [{ ttlSeconds: 0 }, "BAD_REQUEST"],
      [{ uses: 1001 }, "BAD_REQUEST"],
      [{ uses: 0 }, "BAD_REQUEST"],
      [{ ttl: 5 }, "BAD_REQUEST"],
      [{ streamId: "a/b" }, "INVALID_STREAM_ID"],
      [{ userId: 5 }, "BAD_REQUEST"],
    ])("is not made of %j", async (wrong, code) => {
      const { streamId, userId } = await contract.openPair();
      expect(await order(userId, { streamId, operations: ["read"], ...wrong })).toMatchObject({
        status: 400,
        body: { code },
      });
    });

    test("names nobody else where a user makes it", async () => {
      const { streamId, userId } = await contract.openPair();
      for (const named of [newUser(), userId]) {
        expect(await order(userId, { streamId, operations: ["read"], userId: named })).toMatchObject(isDenied);
      }
    });

    test("opens a socket from a URL, in its maker's name and to the end of his session", async () => {
      const pair = await contract.openPair();
      const client = await open(pair.streamId, await mint(pair, { ttlSeconds: 5 }));
      const success = await client.register({ consumes: ["*"] });
      expect(success).toMatchObject({ userId: pair.userId, epoch: pair.epoch });
      expect(Number(success["expiresAt"])).toBeGreaterThan(Date.now() + 3_000_000);
      pair.producer.sendFrame({ type: "video-frame" });
      expect((await client.nextFrame()).header).toMatchObject({ userId: pair.userId, senderKind: "user" });
    });

    test("opens one from a browser, which can set no header", async () => {
      const pair = await contract.openPair();
      const url = contract.streamUrl(pair.streamId, `?ticket=${await mint(pair)}`);
      const client = await Client.connect(url, [], { headers: { Origin: "https://app.example" } });
      expect(await client.register({ consumes: ["*"] })).toMatchObject({ type: "success" });
    });

    test("that may write stamps what it sends as a ticket's, and reads nothing", async () => {
      const pair = await contract.openPair();
      const client = await open(pair.streamId, await mint(pair, { operations: ["write"] }));
      client.send({ type: "register", consumes: ["alert"] });
      await client.nextError("UNAUTHORIZED");
      await client.register({ produces: ["alert"] });
      client.send({ type: "alert", message: "from a guest", senderKind: "user" });
      expect(await pair.consumer.next("alert")).toMatchObject({ userId: pair.userId, senderKind: "ticket" });
    });

    test("takes no camera's place", async () => {
      const pair = await contract.openPair();
      const guest = await open(pair.streamId, await mint(pair, { operations: ["write"] }));
      await guest.register({ produces: ["video-frame"] });
      await pair.producer.caughtUp();
    });

    test("shows frame, history and how it is, without who is there", async () => {
      const pair = await openWithFrame(contract);
      const path = `/streams/${pair.streamId}`;
      const ticket = await mint(pair, { uses: 3 });
      const frame = await fetch(contract.streamUrl(pair.streamId, `/frame?ticket=${ticket}`));
      expect([frame.status, frame.headers.has("X-Frame-Seq")]).toEqual([200, true]);
      expect(await look(ticket, `${path}/alerts?after=0`)).toMatchObject({ status: 200, body: { alerts: [] } });
      const { status, body } = await look(ticket, path);
      expect([status, body["counts"]]).toMatchObject([200, { members: 2 }]);
      expect([body["members"], body["owner"]]).toEqual([undefined, undefined]);
    });

    test("may post an alert where it may write", async () => {
      const pair = await contract.openPair();
      const ticket = await mint(pair, { operations: ["write"], uses: 2 });
      const path = `/streams/${pair.streamId}/alerts?ticket=${ticket}`;
      expect(await ask("POST", path, undefined, { message: "posted" })).toMatchObject({ status: 201 });
      expect(await pair.consumer.next("alert")).toMatchObject({ message: "posted", senderKind: "ticket" });
      expect(await ask("GET", path, undefined)).toMatchObject(isDenied);
    });

    test("is good for one use unless it says more, and a refusal is none", async () => {
      const pair = await openWithFrame(contract);
      const path = `/streams/${pair.streamId}`;
      const [one, two] = [await mint(pair), await mint(pair, { uses: 2 })];
      expect(await look(one, `${path}/access`)).toMatchObject(isDenied);
      expect(await look(one, `${path}/frame?type=chat`)).toMatchObject({ status: 404 });
      expect(await look(one, path)).toMatchObject({ status: 200 });
      expect(await look(one, path)).toMatchObject(isRefused);
      (await open(pair.streamId, two)).close();
      (await open(pair.streamId, two)).close();
      await expect(open(pair.streamId, two)).rejects.toEqual(new Refused(401));
    });

    test("is used up by one of many who come at once", async () => {
      const pair = await contract.openPair();
      const ticket = await mint(pair);
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => open(pair.streamId, ticket)));
      expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    });

    test("keeps its uses while the stream sleeps", async () => {
      const pair = await contract.openPair();
      const ticket = await mint(pair, { uses: 2 });
      (await open(pair.streamId, ticket)).close();
      await contract.sleep(pair.streamId);
      (await open(pair.streamId, ticket)).close();
      expect(await look(ticket, `/streams/${pair.streamId}`)).toMatchObject(isRefused);
    });

    test("is a token like any other where its stream is named: in a header, the subprotocol, the first message", async () => {
      const pair = await contract.openPair();
      const ticket = await mint(pair, { uses: 3 });
      const url = contract.streamUrl(pair.streamId);
      const first = await Client.connect(url, [], { headers: { Authorization: `Bearer ${ticket}` } });
      await first.register({ consumes: ["alert"] });
      const second = await Client.connect(url, ["sluice.v1", `bearer.${ticket}`]);
      await second.register({ consumes: ["alert"] });
      const third = await Client.connect(url);
      third.send({ type: "auth", token: ticket });
      await third.next("success");
      await third.register({ consumes: ["alert"] });
      const fourth = await Client.connect(url);
      fourth.send({ type: "auth", token: ticket });
      await fourth.nextError("AUTH_FAILED");
      expect(await fourth.closed()).toMatchObject({ code: 1008 });
    });

    test("opens nothing where no stream is named, and loses no use there", async () => {
      const pair = await contract.openPair();
      const ticket = await mint(pair);
      const headers = { Authorization: `Bearer ${ticket}` };
      for (const path of ["/ws", "/streams/register"]) {
        expect(await contract.refusal(new URL(path, contract.url()), headers)).toMatchObject({ code: "AUTH_FAILED" });
      }
      const held = await Client.connect(new URL("/streams/register", contract.url()));
      held.send({ type: "auth", token: ticket });
      await held.nextError("AUTH_FAILED");
      expect(await look(ticket, "/ws?reject=http")).toMatchObject({ status: 426 });
      await (await open(pair.streamId, ticket)).register({ consumes: ["alert"] });
    });

    test("has a place of its own in the query: no other token stands there, and it stands under a stream alone", async () => {
      const { streamId, userId } = await contract.openPair();
      const session = await contract.signSession({ userId });
      expect(await look(session, `/streams/${streamId}`)).toMatchObject(isRefused);
      expect(await look(session, "/streams")).toMatchObject({ status: 401, body: { code: "AUTH_REQUIRED" } });
    });

    test("neither manages nor makes tickets nor lists streams, whoever made it", async () => {
      const pair = await contract.openPair();
      const ticket = await mint(pair, { operations: ["read", "write"], uses: 9 });
      const headers = { Authorization: `Bearer ${ticket}` };
      const path = `/streams/${pair.streamId}`;
      for (const [method, place, body] of [
        ["GET", `${path}/access`, undefined],
        ["PUT", `${path}/access`, { public: true }],
        ["DELETE", path, undefined],
        ["POST", "/tickets", { streamId: pair.streamId, operations: ["read"] }],
        ["GET", "/streams", undefined],
      ] as const) {
        expect(await ask(method, place, undefined, body, headers)).toMatchObject(isDenied);
      }
    });

    test("opens no other stream, not even of the same owner", async () => {
      const pair = await contract.openPair();
      const other = await contract.openPair(newStream(), pair.userId);
      const ticket = await mint(pair);
      const headers = { Authorization: `Bearer ${ticket}` };
      const refusal = { status: 403, code: "UNAUTHORIZED" };
      expect(await contract.refusal(contract.streamUrl(other.streamId), headers)).toMatchObject(refusal);
      for (const path of ["", "/frame", "/alerts"]) {
        expect(await look(ticket, `/streams/${other.streamId}${path}`)).toMatchObject(isDenied);
      }
      // Nor one that nobody owns, where anybody else may wait.
      expect(await contract.refusal(contract.streamUrl(newStream()), headers)).toMatchObject(refusal);
    });

    test("of a deleted stream opens nothing of the next owner's", async () => {
      const pair = await openWithFrame(contract);
      const ticket = await mint(pair, { operations: ["read", "write"], uses: 9, ttlSeconds: 3600 });
      expect(await ask("DELETE", `/streams/${pair.streamId}`, pair.userId)).toMatchObject({ status: 204 });
      expect(await look(ticket, `/streams/${pair.streamId}`)).toMatchObject(isRefused);
      for (const userId of [newUser(), pair.userId]) {
        await contract.openPair(pair.streamId, userId);
        for (const path of ["", "/frame", "/alerts"]) {
          expect(await look(ticket, `/streams/${pair.streamId}${path}`)).toMatchObject(isRefused);
        }
        await expect(open(pair.streamId, ticket)).rejects.toEqual(new Refused(401));
        await ask("DELETE", `/streams/${pair.streamId}`, userId);
      }
    });

    test("ends with the session that it was made in, and so does its socket", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const token = await contract.signSession({ userId, sessionEndsInMs: 8000 });
      const headers = { Authorization: `Bearer ${token}` };
      expect(await ask("PUT", `/streams/${streamId}/access`, undefined, {}, headers)).toMatchObject({ status: 200 });
      const { body } = await ask("POST", "/tickets", undefined, { streamId, operations: ["read"], uses: 2 }, headers);
      const endsAtMs = Number(body["expiresAt"]);
      expect(endsAtMs).toBeLessThanOrEqual(Date.now() + 8000);
      const client = await open(streamId, String(body["ticket"]));
      await client.register({ consumes: ["alert"] });
      // From here on it may take the grace and the grain of alarms, and no longer than anything may.
      await goesOnUntil(client, endsAtMs - 2000);
      await client.nextError("TOKEN_EXPIRED");
      expect(await client.closed()).toMatchObject({ code: 4401 });
    });
  });

  test.concurrent("a ticket is over when it says, and the socket that it opened is not", async () => {
    const pair = await contract.openPair();
    const ticket = await mint(pair, { ttlSeconds: 3, uses: 5 });
    const client = await open(pair.streamId, ticket);
    await client.register({ consumes: ["alert"] });
    // What is refused there takes no use.
    await vi.waitFor(
      async () =>
        expect(await look(ticket, `/streams/${pair.streamId}/access`)).toMatchObject({
          status: 401,
          body: { code: "AUTH_FAILED", reason: "expired" },
        }),
      { interval: 200, timeout: 10_000 },
    );
    await client.caughtUp();
  });
}
