// What a refused credential learns and costs: the same answer whatever is wrong with it, no cookie, and no object.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { signedSessionToken } from "../support/session-cookie.ts";
import { encryptSession, signSession } from "../support/session-token.ts";

const OTHER_SECRET = "another-Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA";
/** The requests of a stream, by method and path. */
const DOORS = [
  ["GET", "/streams/cam-9"],
  ["DELETE", "/streams/cam-9"],
  ["GET", "/streams/cam-9/frame"],
  ["GET", "/streams/cam-9/alerts"],
  ["POST", "/streams/cam-9/alerts"],
  ["PUT", "/streams/cam-9/access"],
  ["GET", "/streams"],
] as const;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ BETTER_AUTH_URL: "http://127.0.0.1:9" });
});
afterAll(() => gateway.stop());

async function ask(token: string, [method, path]: readonly [string, string], headers: Record<string, string> = {}) {
  const init = { method, headers: { Authorization: `Bearer ${token}`, ...headers } };
  const response = await gateway.harness.getWorker("sluice").fetch(`${gateway.url.origin}${path}`, init);
  return { text: await response.text(), status: response.status, headers: response.headers };
}

/** None of them is known, and each for another reason. */
async function strangers(): Promise<readonly string[]> {
  return [
    "not-a-token",
    "x".repeat(9000),
    await signSession({ secret: OTHER_SECRET }),
    await signSession({ secret: OTHER_SECRET, tokenEndsInS: -10 }),
    await encryptSession({ secret: OTHER_SECRET }),
    signedSessionToken(undefined, OTHER_SECRET),
    `${await signSession()}x`,
    await signSession({ userId: "svc:detector" }),
    await signSession({ tokenEndsInS: 9_999_999 }),
  ];
}

test("every stranger gets the same answer, letter for letter, over HTTP and at an upgrade", async () => {
  const tokens = await strangers();
  const answers = await Promise.all(tokens.map((token) => ask(token, DOORS[0])));
  const upgrades = await Promise.all(tokens.map((token) => ask(token, DOORS[0], { Upgrade: "websocket" })));
  const texts = new Set([...answers, ...upgrades].map(({ status, text }) => `${status} ${text}`));
  expect(texts).toEqual(new Set([expect.stringContaining('401 {"type":"about:blank"')]));
  const named = [...(answers[0]?.headers.keys() ?? [])].toSorted();
  for (const { headers } of answers) expect([...headers.keys()].toSorted()).toEqual(named);
});

test("who was once let in learns that his time is over, and nothing else", async () => {
  const { text } = await ask(await signSession({ tokenEndsInS: -10 }), DOORS[0]);
  expect(JSON.parse(text)).toMatchObject({ code: "AUTH_FAILED", reason: "expired" });
});

test("no refused request sets a cookie or wakes an object", async () => {
  const tokens = await strangers();
  const asked = tokens
    .flatMap((token) => DOORS.map((door) => ask(token, door)))
    .concat(tokens.map((token) => ask(token, DOORS[0], { Upgrade: "websocket" })));
  const answers = await Promise.all(asked);
  expect(answers.filter(({ headers }) => headers.has("Set-Cookie"))).toEqual([]);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
  for (const binding of ["STREAMS", "USERS"]) {
    expect(await gateway.harness.getWorker("sluice").listDurableObjectIds(binding)).toEqual([]);
  }
});
