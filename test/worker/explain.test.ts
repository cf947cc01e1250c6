// The question why, where keys of programs ask and are asked about, at the limits of production.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newUser } from "../conformance/contract/contract.ts";
import type { HttpAnswer } from "../conformance/contract/http.ts";
import { keyEntry } from "../support/a-key.ts";
import { clientsOf } from "../support/clients-of.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";

const OPS_KEY = "the-key-of-all-streams-0123456789";
const DOOR_KEY = "the-key-of-the-doors-0123456789";
const ARCHIVE_KEY = "the-key-of-the-archive-0123456789";
const API_KEYS = JSON.stringify([
  keyEntry(OPS_KEY, "ops", ["admin"]),
  keyEntry(DOOR_KEY, "doors", ["admin"], ["door-*"]),
  keyEntry(ARCHIVE_KEY, "archive", ["read"], ["door-*"]),
]);
/** `FAILURE_LIMIT` of production, in a minute: of so many in a row more than that fall into one. */
const MORE_THAN_TWO_MINUTES = 122;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ API_KEYS, MAX_MESSAGES_PER_S: "200" }, undefined, "production");
});
afterAll(() => gateway.stop());

const { contract, ask } = clientsOf(() => gateway);
const explain = (body: Record<string, unknown>, key = OPS_KEY, address = "192.0.2.9"): Promise<HttpAnswer> =>
  ask("POST", "/explain", undefined, body, { "x-api-key": key, "CF-Connecting-IP": address });

describe("a key", () => {
  test("reads what its grant says, asked about by its name or shown", async () => {
    const { userId } = await contract.openPair("door-1");
    const read = { streamId: "door-1", operation: "read" };
    const isGranted = { status: 200, body: { rule: "api-key-grant", allowed: true, owner: userId } };
    expect(await explain({ ...read, token: ARCHIVE_KEY })).toMatchObject(isGranted);
    expect(await explain({ ...read, principal: { kind: "service", userId: "key:archive" } })).toMatchObject(isGranted);
    expect(await explain({ ...read, operation: "write", token: ARCHIVE_KEY })).toMatchObject({
      body: { rule: "no-rule", principal: { operations: ["read"], streams: ["door-*"] } },
    });
    expect(await explain({ ...read, principal: { kind: "service", userId: "svc:detector" } })).toMatchObject({
      body: { rule: "binding-props" },
    });
  });

  test("of an admin of some streams asks about those, and not when users were revoked", async () => {
    const whom = { operation: "read", principal: { kind: "user", userId: newUser() } };
    const { status, body } = await explain({ ...whom, streamId: "door-2" }, DOOR_KEY);
    expect([status, body["rule"], "revocations" in body]).toEqual([200, "unclaimed-read", false]);
    expect((await explain({ ...whom, streamId: "door-2" })).body).toMatchObject({ revocations: [] });
    expect(await explain({ ...whom, streamId: "cam-2" }, DOOR_KEY)).toMatchObject({ status: 403 });
  });

  test("that is no admin's asks nothing", async () => {
    expect(await explain({ streamId: "door-1", operation: "read" }, ARCHIVE_KEY)).toMatchObject({ status: 403 });
  });
});

test("bad tokens that an operator asks about are nobody's failures, and are told as none", async () => {
  const address = "192.0.2.10";
  for (let times = 0; times < MORE_THAN_TWO_MINUTES; times += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is what is counted
    const { status } = await explain({ streamId: "door-3", operation: "read", token: "forged" }, OPS_KEY, address);
    expect(status).toBe(200);
  }
  const lines = gateway.harness.getLogs().map(({ message }) => message);
  const told = lines.filter((line) => line.includes(`"${address}"`));
  expect(told.filter((line) => line.includes('"explained"')).length).toBe(MORE_THAN_TWO_MINUTES);
  expect(told.filter((line) => line.includes('"credential-refused"'))).toEqual([]);
  const forged = { Authorization: "Bearer forged", "CF-Connecting-IP": address };
  expect(await ask("GET", "/streams", undefined, undefined, forged)).toMatchObject({ status: 401 });
});
