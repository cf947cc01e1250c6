// The contract of the newest frame over HTTP: bytes for who may read, served so that no page of ours runs them.
import { describe, expect, test } from "vitest";
import { allow, ask } from "./asking.ts";
import { type Contract, newStream, newUser } from "./contract.ts";
import { JPEG, openWithFrame } from "./with-frame.ts";

export function frameOverHttp(contract: Contract): void {
  describe.concurrent("the newest frame over HTTP", () => {
    test("is its bytes, with its number, for its owner and readers, and for nobody's cache", async () => {
      const pair = await contract.openPair();
      const [reader, writer] = [newUser(), newUser()];
      await allow(contract, pair, { readers: [reader], writers: { [writer]: ["*"] } });
      pair.producer.sendFrame({ type: "video-frame", contentType: "image/png" }, JPEG);
      const { header } = await pair.consumer.nextFrame();
      for (const userId of [pair.userId, reader]) {
        const answer = await ask(contract, { ...pair, userId }, "/frame");
        expect(answer.status).toBe(200);
        expect(new Uint8Array(await answer.arrayBuffer())).toEqual(JPEG);
        expect(answer.headers.get("X-Frame-Seq")).toBe(String(header["seq"]));
        expect(answer.headers.get("Content-Type")).toBe("image/png");
        expect(answer.headers.get("Cache-Control")).toContain("no-store");
      }
      for (const userId of [writer, newUser()]) {
        expect((await ask(contract, { ...pair, userId }, "/frame")).status).toBe(403);
      }
      expect((await ask(contract, { ...pair, userId: undefined }, "/frame")).status).toBe(401);
    });

    // The middleware for CORS sets `no-store` first, and what it set wins over the route's own.
    test("says to proxies too that it is one caller's", async () => {
      const answer = await ask(contract, await openWithFrame(contract), "/frame");
      expect(answer.headers.get("Cache-Control")).toBe("private, no-store");
    });

    test.each([
      ["image/jpeg", "image/jpeg"],
      ["image/png", "image/png"],
      ["image/webp", "image/webp"],
      ["image/avif", "image/avif"],
      ["image/gif", "image/gif"],
      ["audio/ogg", "audio/ogg"],
      ["video/mp4", "video/mp4"],
      ["image/svg+xml", "application/octet-stream"],
      ["text/html", "application/octet-stream"],
      ["application/javascript", "application/octet-stream"],
      ["application/xhtml+xml", "application/octet-stream"],
      ["image/jpegx", "application/octet-stream"],
      ["ximage/jpeg", "application/octet-stream"],
      ["x-audio/ogg", "image/jpeg"],
      ["image/jpeg; x", "image/jpeg"],
      ["text/html;charset=utf-8", "image/jpeg"],
      ["image/png\r\nX-Evil: 1", "image/jpeg"],
    ])("of the type %j is served as %s, so that no page of ours runs it", async (contentType, served) => {
      const payload = new TextEncoder().encode("<svg onload='alert(1)'>");
      const { headers } = await ask(contract, await openWithFrame(contract, { contentType }, payload), "/frame");
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-type": served,
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
      });
      expect(headers.get("X-Evil")).toBeNull();
    });

    test.each([
      ["/+8=", "image/jpeg"],
      ["data:image/webp;base64,/+8=", "image/webp"],
      ["data:text/html;base64,/+8=", "application/octet-stream"],
      ["data:image/svg+xml;charset=utf-8;base64,/+8=", "application/octet-stream"],
    ])("whose data is %s is decoded and served as %s", async (data, served) => {
      const pair = await contract.openPair();
      pair.producer.send({ type: "video-frame", data });
      await pair.consumer.next("video-frame");
      const answer = await ask(contract, pair, "/frame");
      expect(answer.headers.get("Content-Type")).toBe(served);
      expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([0xff, 0xef]);
    });

    test.each([undefined, 7, "no base64!", "data:text/plain,hello"])("with the data %j is not there", async (data) => {
      const pair = await contract.openPair();
      pair.producer.send({ type: "video-frame", data });
      await pair.consumer.next("video-frame");
      expect((await ask(contract, pair, "/frame")).status).toBe(404);
    });

    test.each([
      ["?type=video-frame", 200],
      ["?type=audio-frame", 404],
      ["?type=chat", 404],
      ["?type=alert", 404],
      ["?type=__proto__", 400],
      ["?type=constructor", 404],
      ["?type=presence", 400],
      ["?type=*", 400],
      ["?type=", 400],
      ["?type=a%00b", 400],
      ["?type=video-frame%0d%0aX-Evil:1", 400],
      ["?type=video-frame&type=*", 200],
      [`?type=${"x".repeat(65)}`, 400],
    ])("with %s is answered with %i", async (query, status) => {
      const pair = await openWithFrame(contract);
      pair.producer.send({ type: "chat" });
      await pair.consumer.next("chat");
      expect((await ask(contract, pair, `/frame${query}`)).status).toBe(status);
    });

    test("is not there before the first one, nor on a stream that nobody owns, nor after its end", async () => {
      expect((await ask(contract, await contract.openPair(), "/frame")).status).toBe(404);
      expect((await ask(contract, { streamId: newStream(), userId: newUser() }, "/frame")).status).toBe(404);
      const pair = await openWithFrame(contract);
      expect((await ask(contract, pair, "", { method: "DELETE" })).status).toBe(204);
      expect((await ask(contract, pair, "/frame")).status).toBe(404);
      const next = { streamId: pair.streamId, userId: newUser() };
      const owner = await contract.connect(next.streamId, next);
      await owner.register({ produces: ["video-frame"], consumes: ["video-frame"] });
      await owner.caughtUp();
      expect(owner.takeFrames()).toEqual([]);
      expect((await ask(contract, next, "/frame")).status).toBe(404);
    });

    test("may be read by pages of the gateway's origin with its number, and by no others", async () => {
      const pair = await openWithFrame(contract);
      const { origin } = contract.url();
      const own = await ask(contract, pair, "/frame", { headers: { Origin: origin } });
      expect(own.headers.get("Access-Control-Allow-Origin")).toBe(origin);
      expect(own.headers.get("Access-Control-Expose-Headers")).toContain("X-Frame-Seq");
      const other = await ask(contract, pair, "/frame", { headers: { Origin: "https://evil.example" } });
      expect(other.headers.get("Access-Control-Allow-Origin")).toBeNull();
    });

    test("is only read", async () => {
      for (const method of ["POST", "PUT", "DELETE"]) {
        const answer = await ask(contract, await openWithFrame(contract), "/frame", { method });
        expect([answer.status, answer.headers.get("Allow")]).toEqual([405, "GET"]);
      }
    });
  });
}
