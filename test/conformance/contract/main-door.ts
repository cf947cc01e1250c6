// The contract of the main door: which credentials open a stream, and how the others are told no.
import { describe, expect, test } from "vitest";
import { Client, Refused } from "../../support/client.ts";
import { type Contract, newStream, newUser } from "./contract.ts";

export function mainDoor(contract: Contract): void {
  describe.concurrent("the main door", () => {
    test("takes a token from the Authorization header, whatever the case of the scheme", async () => {
      const headers = { Authorization: `bEARER ${await contract.signSession({ userId: newUser() })}` };
      const client = await Client.connect(contract.streamUrl(newStream()), [], { headers });
      expect(await client.register()).toMatchObject({ type: "success" });
    });

    test("takes a token from the subprotocol and names only its own subprotocol in the answer", async () => {
      const client = await contract.connect(newStream());
      expect(client.socket.protocol).toBe("sluice.v1");
    });

    test("takes a token from the query", async () => {
      const token = await contract.signSession({ userId: newUser() });
      const client = await Client.connect(contract.streamUrl(newStream(), `?token=${token}`));
      expect(await client.register()).toMatchObject({ type: "success" });
    });

    test("lets the first place that holds a credential decide, and does not fall through to the next", async () => {
      const token = await contract.signSession();
      const headers = { Authorization: "Bearer not-a-token" };
      await expect(Client.connect(contract.streamUrl(newStream(), `?token=${token}`), [], { headers })).rejects.toEqual(
        new Refused(401),
      );
    });

    test("refuses two different tokens in one query", async () => {
      const query = `?token=${await contract.signSession()}&token=another`;
      expect(await contract.refusal(contract.streamUrl(newStream(), query))).toMatchObject({
        status: 400,
        code: "BAD_REQUEST",
      });
    });

    test("says AUTH_REQUIRED where a credential is required and there is none", async () => {
      expect(await contract.refusal(new URL("/ws", contract.url()))).toMatchObject({
        status: 401,
        code: "AUTH_REQUIRED",
        reauth: true,
        temporary: false,
        headers: {
          "www-authenticate": expect.stringContaining("Bearer"),
          "cache-control": "no-store",
          "referrer-policy": "no-referrer",
          "content-type": "application/problem+json",
        },
      });
    });

    test("says AUTH_FAILED for a token of another secret, without a reason", async () => {
      const token = await contract.signSession({ secret: "another-Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA" });
      const refusal = await contract.refusal(contract.streamUrl(newStream(), `?token=${token}`));
      expect(refusal).toMatchObject({ status: 401, code: "AUTH_FAILED" });
      expect(refusal).not.toHaveProperty("reason");
    });

    test("says that a token is expired only after its signature was found good", async () => {
      const token = await contract.signSession({ issuedAgoS: 600, tokenEndsInS: -300 });
      const refusal = await contract.refusal(contract.streamUrl(newStream(), `?token=${token}`));
      expect(refusal).toMatchObject({ code: "AUTH_FAILED", reason: "expired" });
    });

    test("refuses a session that is over, though its token is not", async () => {
      const token = await contract.signSession({ sessionEndsInMs: -1000 });
      const refusal = await contract.refusal(contract.streamUrl(newStream(), `?token=${token}`));
      expect(refusal).toMatchObject({ code: "AUTH_FAILED", reason: "expired" });
    });

    test("repeats nothing of a token that it refused", async () => {
      const token = `${await contract.signSession()}x`;
      const refusal = await contract.refusal(contract.streamUrl(newStream(), `?token=${token}`));
      expect(JSON.stringify(refusal)).not.toContain(token.slice(40, 80));
    });

    test("tells a browser inside the socket, since it cannot read a status", async () => {
      const headers = { Origin: "https://app.example" };
      const client = await Client.connect(new URL("/ws", contract.url()), [], { headers });
      expect(await client.nextError("AUTH_REQUIRED")).toMatchObject({
        message: "Must authenticate first",
        reauth: true,
      });
      expect(await client.closed()).toMatchObject({ code: 1008 });
    });

    test("names its subprotocol where it refuses inside the socket, or a browser would not see the reason", async () => {
      const client = await Client.connect(contract.streamUrl(newStream(), "?reject=close"), [
        "sluice.v1",
        "bearer.nonsense",
      ]);
      expect(client.socket.protocol).toBe("sluice.v1");
      await client.nextError("AUTH_FAILED");
      expect(await client.closed()).toMatchObject({ code: 1008 });
    });

    test("refuses in the way that ?reject asks for", async () => {
      const headers = { Origin: "https://app.example" };
      await expect(Client.connect(new URL("/ws?reject=http", contract.url()), [], { headers })).rejects.toEqual(
        new Refused(401),
      );
    });

    test.each([".", "..", "a b", "a%2fb", "%00", "ä", "x".repeat(129)])(
      "refuses the stream id %s before any object is addressed",
      async (streamId) => {
        const target = `${contract.url().origin}/streams/${encodeURIComponent(decodeURIComponent(streamId))}?token=${await contract.signSession()}`;
        const refusal = await contract.refusal(target);
        // A client normalises dots away before it sends; what then arrives is no stream's path.
        expect(["INVALID_STREAM_ID", "NOT_FOUND"]).toContain(refusal.code);
      },
    );

    test("that has no stream in its path answers a request that is no upgrade with 426", async () => {
      const response = await fetch(new URL("/streams/register", contract.url()));
      expect(response.status).toBe(426);
      expect(await response.json()).toMatchObject({ code: "UPGRADE_REQUIRED" });
    });

    test("is alive and ready", async () => {
      expect(await (await fetch(new URL("/health", contract.url()))).json()).toMatchObject({ status: "ok" });
      expect((await fetch(new URL("/ready", contract.url()))).status).toBe(200);
    });

    test("answers an unknown path with a problem", async () => {
      const response = await fetch(new URL("/no/such/path", contract.url()));
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: "NOT_FOUND" });
    });
  });
}
