// What is no stream's id, however it comes and whoever brings it: it is refused before any object is addressed.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "../support/client.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { signSession } from "../support/session-token.ts";

const ADMIN_KEY = "the-operators-own-key-0123456789";
const NO_IDS = ["a b", "a\u0000b", "a\r\nb", "a/../b", "über", "...", "x".repeat(129), "register", "cam{1}"];

let gateway: Gateway;
let authorization: Record<string, string>;
beforeAll(async () => {
  gateway = await startGateway({ ADMIN_KEY });
  authorization = { Authorization: `Bearer ${await signSession()}` };
});
afterAll(() => gateway.stop());

async function ask(method: string, path: string, body?: unknown, headers = authorization): Promise<unknown> {
  const response = await gateway.harness.getWorker("sluice").fetch(`${gateway.url.origin}${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.status < 400 ? response.status : ((await response.json()) as { code: unknown }).code;
}

test("in a path, a body and a message it is refused, and no stream's object is made", async () => {
  const answers = await Promise.all(
    NO_IDS.flatMap((id) => {
      const path = `/streams/${encodeURIComponent(id)}`;
      return [
        ask("GET", `${path}/alerts`),
        ask("PUT", `${path}/access`, {}),
        ask("GET", `${path}/frame`),
        ask("POST", "/tickets", { streamId: id, operations: ["read"] }),
        ask("POST", "/explain", { streamId: id, operation: "read" }, { Authorization: `Bearer ${ADMIN_KEY}` }),
        ask("GET", `/admin/${path.slice(1)}`, undefined, { Authorization: `Bearer ${ADMIN_KEY}` }),
      ];
    }),
  );
  expect(new Set(answers)).toEqual(new Set(["INVALID_STREAM_ID"]));
  const client = await Client.connect(new URL("/ws", gateway.url), [], { headers: authorization });
  for (const streamId of NO_IDS.slice(0, 5)) {
    client.send({ type: "register", streamId });
    // oxlint-disable-next-line no-await-in-loop -- one answer after the other
    await client.nextError("INVALID_STREAM_ID");
  }
  expect(await gateway.harness.getWorker("sluice").listDurableObjectIds("STREAMS")).toEqual([]);
});

test("what comes beside is one, and makes its object", async () => {
  expect(await ask("GET", "/streams/cam-1/alerts")).toBe("NOT_FOUND");
  expect(await gateway.harness.getWorker("sluice").listDurableObjectIds("STREAMS")).toHaveLength(1);
});
