// Whether a secret that stands anywhere in a request comes out of the gateway anywhere: in no log, in no answer.
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../support/client.ts";
import { EngineClient } from "../support/engine-client.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { encode } from "../support/hostile-token.ts";
import { signSession } from "../support/session-token.ts";

const SEED = 20_261;
/** Begins so, so that a part of it is found too. */
const MARK = "Qz7SecretMark";

/** Alone, or in what looks like a token of each form. */
const secret = fc
  .tuple(fc.string({ unit: fc.constantFrom(...Array.from("abcXYZ019")), minLength: 8, maxLength: 24 }), fc.nat(5))
  .map(([rest, form]) => {
    const text = `${MARK}${rest}`;
    const forms = [
      text,
      `eyJhbGciOiJIUzI1NiJ9.${text}.${text}`,
      `eyJhbGciOiJFZERTQSIsImtpZCI6IjEifQ.${text}.${text}`,
      `eyJhbGciOiJkaXIifQ..${text}.${text}.${text}`,
      encode(`{"session":{"token":"${text}"}}`),
      `${text}.${"A".repeat(43)}=`,
    ];
    return forms[form] ?? text;
  });

type Place = (
  token: string,
  good: string,
) => { path: string; method?: string; headers?: Record<string, string>; body?: string };

const PLACES: Readonly<Record<string, Place>> = {
  authorization: (token) => ({ path: "/streams/cam", headers: { Authorization: `Bearer ${token}` } }),
  "another scheme": (token) => ({ path: "/streams/cam", headers: { Authorization: `Basic ${token}` } }),
  "two tokens": (token) => ({ path: "/streams/cam", headers: { Authorization: `Bearer ${token}, Bearer ${token}` } }),
  "a key header": (token) => ({ path: "/streams", headers: { "x-api-key": token } }),
  subprotocol: (token) => ({
    path: "/ws",
    headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": `bearer.${encodeURIComponent(token)}` },
  }),
  cookie: (token) => ({ path: "/streams", headers: { Cookie: `better-auth.session_data=${token}` } }),
  "another cookie": (token) => ({ path: "/streams", headers: { Cookie: `${token}=${token}` } }),
  query: (token) => ({ path: `/streams/cam?token=${token}` }),
  "two queries": (token) => ({ path: `/streams/cam?token=${token}&token=x` }),
  auth_id: (token) => ({ path: `/streams/cam?auth_id=${token}` }),
  "a query that nobody reads": (token) => ({ path: `/health?access_token=${token}` }),
  "a query's name": (token) => ({ path: `/streams/cam/alerts?${token}=1` }),
  path: (token) => ({ path: `/${token}` }),
  "stream id": (token) => ({ path: `/streams/${token}%20` }),
  "auth path": (token) => ({ path: `/api/auth/verify-email?token=${token}` }),
  origin: (token) => ({ path: "/streams", headers: { Origin: `https://${token}.test` } }),
  "a header that nobody reads": (token) => ({
    path: "/ready",
    headers: { "X-Custom": token, Referer: `https://a.test/${token}` },
  }),
  preflight: (token) => ({
    path: "/streams",
    method: "OPTIONS",
    headers: { Origin: "https://a.test", "Access-Control-Request-Headers": token },
  }),
  method: (token) => ({ path: `/streams/cam?token=${token}`, method: "PATCH" }),
  "a body of a stranger": (token) => ({ path: "/streams/cam/alerts", method: "POST", body: JSON.stringify({ token }) }),
  "a broken body": (token, good) => ({
    path: "/streams/cam/alerts",
    method: "POST",
    headers: { Authorization: `Bearer ${good}`, "Content-Type": "application/json" },
    body: `{"token":"${token}"`,
  }),
  "a name in a body": (token, good) => ({
    path: "/streams/cam/access",
    method: "PUT",
    headers: { Authorization: `Bearer ${good}`, "Content-Type": "application/json" },
    body: JSON.stringify({ [token]: token, readers: token }),
  }),
  "a key that is no key": (token, good) => ({
    path: "/streams/cam/alerts",
    method: "POST",
    headers: {
      Authorization: `Bearer ${good}`,
      "Content-Type": "application/json",
      "Idempotency-Key": `${token}\u00e9`,
    },
    body: "{}",
  }),
};

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

/** Of everything that was said about this since. */
function logged(): string {
  return gateway.harness
    .getLogs()
    .map((entry) => JSON.stringify(entry))
    .join("\n");
}

/** Also where it is in base64url inside of something. */
function holdsMark(text: string): boolean {
  const inside = text.split(/[^A-Za-z0-9_-]/).map((part) => Buffer.from(part, "base64url").toString("latin1"));
  return [text, ...inside].some((one) => one.includes(MARK));
}

test("what is looked for is found where it is", () => {
  expect(["x", MARK, `{"a":"${MARK}"}`, `eyJ.${encode(`{"t":"${MARK}"}`)}`].map(holdsMark)).toEqual([
    false,
    true,
    true,
    true,
  ]);
});

describe("no secret comes out again that went in by", () => {
  test.each(Object.entries(PLACES))("%s", async (_where, place) => {
    const good = await signSession({ userId: "redactor" });
    await fc.assert(
      fc.asyncProperty(secret, async (token) => {
        const { path, ...init } = place(token, good);
        const response = await gateway.harness.getWorker("sluice").fetch(`${gateway.url.origin}${path}`, init);
        const head = [...response.headers].map((pair) => pair.join(": ")).join("\n");
        expect(holdsMark(`${head}\n${await response.text()}`)).toBe(false);
      }),
      { seed: SEED, numRuns: 12 },
    );
    expect(holdsMark(logged())).toBe(false);
  });

  test("a message, of a stranger and of a member", async () => {
    const member = await Client.connect(new URL("/streams/cam", gateway.url), [
      "sluice.v1",
      `bearer.${await signSession({ userId: "redactor" })}`,
    ]);
    await member.register({ produces: ["alert"] });
    await fc.assert(
      fc.asyncProperty(secret, async (token) => {
        const stranger = await Client.connect(new URL("/streams/register", gateway.url));
        for (const text of [token, `{"type":"${token}"}`, `{"type":"auth","token":"${token}"}`]) stranger.send(text);
        await stranger.closed();
        for (const text of [token, `{"type":"x ${token}"}`, `{"type":"register","${token}":"${token}"}`])
          member.send(text);
        await member.caughtUp();
        expect(holdsMark(JSON.stringify([...stranger.unread, ...member.unread]))).toBe(false);
      }),
      { seed: SEED, numRuns: 2 },
    );
    expect(holdsMark(logged())).toBe(false);
  });

  test("an event of Socket.IO, of a stranger and of a member", async () => {
    const good = await signSession({ userId: "redactor" });
    await fc.assert(
      fc.asyncProperty(secret, async (token) => {
        const stranger = await EngineClient.connect(gateway.url, `&token=${token}&x=${token}`);
        stranger.send(`40${JSON.stringify({ token })}`);
        await stranger.next("44{");
        stranger.send(`42["${token}",{"token":"${token}"}]`);
        await stranger.closed();
        const member = await EngineClient.connect(gateway.url, `&runId=sio&x=${token}`);
        member.send(`40${JSON.stringify({ token: good, other: token })}`);
        await member.next("40{");
        for (const name of [token, "register", "auth"]) member.send(`42["${name}",{"token":5,"${token}":"${token}"}]`);
        member.send(`4212["auth",{"token":"${token}"}]`);
        await member.closed();
        expect(holdsMark([...stranger.unread, ...member.unread].join("\n"))).toBe(false);
      }),
      { seed: SEED, numRuns: 4 },
    );
    expect(holdsMark(logged())).toBe(false);
  });
});
