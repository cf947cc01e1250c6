// The contract of the operator's key: it manages every stream and sees into none.
import { describe, expect, test } from "vitest";
import { Client, Refused } from "../../support/client.ts";
import { type Contract, newStream, newUser } from "./contract.ts";
import { askerOf } from "./http.ts";

/** Nothing is tried where the gateway's key is not known. */
export function administering(contract: Contract): void {
  const { adminKey } = contract;
  const ask = askerOf(contract);
  const places: readonly Record<string, string>[] = [
    { Authorization: `Bearer ${adminKey}` },
    { "x-api-key": `${adminKey}` },
  ];
  const [bearer = {}] = places;

  describe.skipIf(adminKey === undefined).concurrent("the operator's key", () => {
    test.each(places)("reads and changes the access list of anybody's stream, as %j", async (headers) => {
      const { streamId, userId } = await contract.openPair();
      const path = `/streams/${streamId}/access`;
      const reader = newUser();
      expect(await ask("GET", path, undefined, undefined, headers)).toMatchObject({
        status: 200,
        body: { owner: userId, version: 1 },
      });
      expect(await ask("PUT", path, undefined, { readers: [reader] }, headers)).toMatchObject({
        status: 200,
        body: { owner: userId, readers: [reader] },
      });
      await (await contract.connect(streamId, { userId: reader })).register({ consumes: ["*"] });
    });

    test("deletes anybody's stream, which leaves the list of its owner", async () => {
      const { streamId, userId, producer } = await contract.openPair();
      expect(await ask("DELETE", `/streams/${streamId}`, undefined, undefined, bearer)).toEqual({
        status: 204,
        body: {},
      });
      expect(await producer.closed()).toMatchObject({ code: 1008 });
      expect(await ask("GET", "/streams", userId)).toMatchObject({ body: { streams: [] } });
    });

    test("owns nothing: a stream that nobody owns is not there for it", async () => {
      const path = `/streams/${newStream()}`;
      for (const [method, place, body] of [
        ["GET", `${path}/access`, undefined],
        ["PUT", `${path}/access`, {}],
        ["DELETE", path, undefined],
      ] as const) {
        expect(await ask(method, place, undefined, body, bearer)).toMatchObject({ status: 404 });
      }
      expect(await ask("GET", "/streams", undefined, undefined, bearer)).toEqual({
        status: 200,
        body: { streams: [] },
      });
    });

    test("neither reads nor publishes", async () => {
      const { streamId } = await contract.openPair();
      await expect(Client.connect(contract.streamUrl(streamId), [], { headers: bearer })).rejects.toEqual(
        new Refused(403),
      );
      for (const [method, path, body] of [
        ["GET", `/streams/${streamId}/alerts`, undefined],
        ["GET", `/streams/${streamId}/frame`, undefined],
        ["POST", `/streams/${streamId}/alerts`, { message: "from above" }],
      ] as const) {
        expect(await ask(method, path, undefined, body, bearer)).toMatchObject({ status: 403 });
      }
    });

    test("reads where the owner lets it", async () => {
      const { streamId, userId } = await contract.openPair();
      await ask("PUT", `/streams/${streamId}/access`, userId, { public: true });
      expect(await ask("GET", `/streams/${streamId}/alerts`, undefined, undefined, bearer)).toMatchObject({
        status: 200,
      });
    });

    test("is no credential in a URL", async () => {
      const { streamId } = await contract.openPair();
      for (const name of ["token", "auth_id"]) {
        const path = `/streams/${streamId}/access?${name}=${adminKey}`;
        expect(await ask("GET", path, undefined)).toMatchObject({ status: 401, body: { code: "AUTH_FAILED" } });
        expect(await contract.refusal(contract.streamUrl(streamId, `?${name}=${adminKey}`))).toMatchObject({
          status: 401,
          code: "AUTH_FAILED",
        });
      }
    });

    test("is known whole or not at all", async () => {
      const { streamId } = await contract.openPair();
      const almost = { "x-api-key": `${adminKey}`.slice(0, -1) };
      expect(await ask("GET", `/streams/${streamId}/access`, undefined, undefined, almost)).toMatchObject({
        status: 401,
      });
    });
  });
}
