// A gateway without a usable secret lets nobody in, and tells its operator which variable is wrong.
import { afterEach, describe, expect, test } from "vitest";
import { Client, Refused } from "../support/client.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { signSession } from "../support/session-token.ts";

let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

/** What else is wrong with a secret is tried where secrets are read: each of these costs a gateway. */
const SECRETS: [string, string][] = [
  ["missing", ""],
  ["too short", "Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0s"],
  ["padded with white space", " tests-only-Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA\n"],
];

describe("a secret that is", () => {
  test.each(SECRETS)("%s lets nobody in, not even who holds a token signed with it", async (_name, secret) => {
    gateway = await startGateway({}, secret);
    const token = await signSession({ secret: secret === "" ? "undefined" : secret });
    const url = new URL(`/streams/cam?token=${token}`, gateway.url);
    await expect(Client.connect(url)).rejects.toEqual(new Refused(503));

    const browser = await Client.connect(url, [], { headers: { Origin: "https://app.example" } });
    expect(await browser.nextError("MISCONFIGURED")).toMatchObject({ temporary: true });
    expect(await browser.closed()).toMatchObject({ code: 1011 });

    const ready = await fetch(new URL("/ready", gateway.url));
    const text = await ready.text();
    expect(ready.status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ code: "MISCONFIGURED", problems: [{ variable: "BETTER_AUTH_SECRET" }] });
    expect(text).not.toContain(secret.trim() || "undefined");
    expect((await fetch(new URL("/health", gateway.url))).status).toBe(200);
  });
});

test("a weak key or secret of any other kind closes the gate as well, and /ready names its variable", async () => {
  const ASSERTION_KEY = JSON.stringify({ kty: "OKP", crv: "Ed25519", d: "A".repeat(43) });
  const weak = { JWT_SECRET: "x".repeat(40), ADMIN_KEY: "k".repeat(24), API_KEYS: "devtoken".repeat(3), ASSERTION_KEY };
  gateway = await startGateway(weak);
  const text = await (await fetch(new URL("/ready", gateway.url))).text();
  const { problems } = JSON.parse(text) as { problems: { variable: string }[] };
  expect(problems.map(({ variable }) => variable).toSorted()).toEqual(Object.keys(weak).toSorted());
  for (const value of Object.values(weak)) expect(text).not.toContain(value);
  const headers = { "x-api-key": weak.ADMIN_KEY };
  await expect(Client.connect(new URL("/ws", gateway.url), [], { headers })).rejects.toEqual(new Refused(503));
  expect((await fetch(new URL("/.well-known/jwks.json", gateway.url))).status).toBe(503);
});

test("every variable that is wrong is named at once, without its value", async () => {
  const ROUTES = JSON.stringify([
    { path: "/api", upstream: "https://api.example", auth: "none" },
    { path: "/nowhere", upstream: "service:NOWHERE" },
    { path: "/speech", upstream: "https://moshi.example", setHeaders: { "kyutai-api-key": "$MOSHI_KEY" } },
  ]);
  const wrong = { MAX_MESSAGE_BYTES: "a lot", QUERY_CREDENTIALS: "some", FRAME_SINKS: "NOWHERE", ROUTES };
  gateway = await startGateway(wrong);
  const ready = await fetch(new URL("/ready", gateway.url));
  expect(ready.status).toBe(503);
  const { problems } = (await ready.json()) as { problems: { variable: string; message: string }[] };
  expect(problems.map(({ variable }) => variable).toSorted()).toEqual([
    "FRAME_SINKS",
    "MAX_MESSAGE_BYTES",
    "MOSHI_KEY",
    "QUERY_CREDENTIALS",
    "ROUTES",
  ]);
  expect(JSON.stringify(problems)).not.toMatch(/a lot|example/);
  // Not even the route that is good, and asks nobody who he is.
  const onRoute = await fetch(new URL("/api/x", gateway.url));
  expect([onRoute.status, await onRoute.json()]).toMatchObject([503, { code: "MISCONFIGURED" }]);
});

test("a place for credentials that is switched off counts as empty", async () => {
  gateway = await startGateway({ QUERY_CREDENTIALS: "tickets" });
  const url = new URL(`/ws?token=${await signSession()}`, gateway.url);
  await expect(Client.connect(url)).rejects.toEqual(new Refused(401));
  const client = await Client.connect(url, [], { headers: { Origin: "https://app.example" } });
  await client.nextError("AUTH_REQUIRED");
});
