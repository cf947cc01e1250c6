// Where nobody operates the gate, none of an operator's paths is there.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";

const KEY = "the-key-of-the-reader-0123456789";
const hash = `sha256:${createHash("sha256").update(KEY).digest("hex")}`;
/** All that a key may be but an operator's. */
const API_KEYS = JSON.stringify([
  { name: "robot", hash, scopes: ["read", "write", "tickets", "proxy"], streams: ["*"] },
]);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ API_KEYS });
});
afterAll(() => gateway.stop());

test.each([
  ["POST", "/explain"],
  ["POST", "/admin/revocations"],
  ["GET", "/admin/streams/cam-1"],
  ["POST", "/admin/streams/cam-1/disconnect"],
  ["POST", "/admin/streams/cam-1/drain"],
])("%s %s is 404, with a key and without one", async (method, path) => {
  for (const headers of [{}, { "x-api-key": KEY }]) {
    // oxlint-disable-next-line no-await-in-loop -- two
    const response = await fetch(new URL(path, gateway.url), { method, headers });
    expect([response.status, await response.json()]).toMatchObject([404, { code: "NOT_FOUND" }]);
  }
});
