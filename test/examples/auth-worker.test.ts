// A real Better Auth behind the gate: its tokens open streams, and the gateway adds and takes nothing on the way.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { schemaSql } from "../../scripts/auth-schema.ts";
import { examine } from "../../scripts/doctor/examine.ts";
import { Client, Refused } from "../support/client.ts";
import { linesOf } from "../support/doctor-facts.ts";
import { type FullGateway, startFullGateway } from "../support/full-gateway.ts";
import { TEST_SECRET } from "../support/session-token.ts";

let gateway: FullGateway;
beforeAll(async () => {
  gateway = await startFullGateway();
});
afterAll(() => gateway.stop());

const connect = (streamId: string, token: string): Promise<Client> =>
  Client.connect(new URL(`/streams/${streamId}`, gateway.url), ["sluice.v1", `bearer.${token}`]);

describe("a user who signed up through the gateway", () => {
  test("opens a stream with the token that Better Auth issued, and is who Better Auth says", async () => {
    const { userId, sessionData } = await gateway.signUp("one@example.test");
    const client = await connect("of-one", sessionData);
    const success = await client.register({ produces: ["video-frame"] });
    expect(success).toMatchObject({ userId });
    const week = 7 * 24 * 3600 * 1000;
    expect(Number(success["expiresAt"])).toBeGreaterThan(Date.now() + week - 60_000);
    expect(Number(success["expiresAt"])).toBeLessThanOrEqual(Date.now() + week);
  });

  test("is kept apart from another one", async () => {
    const owner = await gateway.signUp("two@example.test");
    const other = await gateway.signUp("three@example.test");
    const camera = await connect("of-two", owner.sessionData);
    await camera.register({ produces: ["video-frame"] });
    await expect(connect("of-two", other.sessionData)).rejects.toEqual(new Refused(403));
  });

  test("gets the session cookies on the gateway's own origin and is recognised by them", async () => {
    const { userId, cookie } = await gateway.signUp("four@example.test");
    const response = await fetch(new URL("/api/auth/get-session", gateway.url), { headers: { Cookie: cookie } });
    expect(await response.json()).toMatchObject({ user: { id: userId } });
  });
});

describe("the way to the auth server", () => {
  test("drops headers that a server behind a gateway would believe", async () => {
    // Better Auth takes the host of X-Forwarded-Host for its own where it trusts proxies; an unknown host is refused.
    const headers = { "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", X_Forwarded_For: "6.6.6.6" };
    const response = await fetch(new URL("/api/auth/ok", gateway.url), { headers });
    expect(response.status).toBe(200);
  });

  test("ends on a segment boundary", async () => {
    const response = await fetch(new URL("/api/authentic", gateway.url));
    expect(await response.json()).toMatchObject({ code: "NOT_FOUND" });
  });

  test("passes the auth server's own refusals on", async () => {
    const response = await fetch(new URL("/api/auth/sign-in/email", gateway.url), {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: gateway.url.origin },
      body: JSON.stringify({ email: "nobody@example.test", password: "wrong password" }),
    });
    expect(response.status).toBe(401);
  });
});

test("the doctor finds it behind the gateway, and nothing wrong with the two", async () => {
  await gateway.signUp("operator@example.test");
  vi.stubEnv("BETTER_AUTH_SECRET", TEST_SECRET);
  const findings = await examine({
    configPath: new URL("../../examples/local/wrangler.toml", import.meta.url).pathname,
    environment: undefined,
    gateway: gateway.url,
    authServer: undefined,
    token: undefined,
    account: { email: "operator@example.test", password: "correct horse battery" },
  });
  vi.unstubAllEnvs();
  expect(findings.filter(({ level }) => level === "wrong")).toEqual([]);
  expect(linesOf(findings)).toContain("ok session_data at the gateway");
  expect(linesOf(findings)).toContain("ok sign-out");
});

test("the checked-in migration is what Better Auth asks for", async () => {
  const migration = new URL("../../examples/auth-worker/migrations/0001_better_auth.sql", import.meta.url);
  expect(readFileSync(migration, "utf8")).toBe(await schemaSql());
});
