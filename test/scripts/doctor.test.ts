// `npm run doctor` as an operator runs it: against a real Better Auth in several states, and a gateway.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bearer, jwt } from "better-auth/plugins";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { examine } from "../../scripts/doctor/examine.ts";
import type { Finding } from "../../scripts/doctor/finding.ts";
import { ROOT } from "../../scripts/wrangler.ts";
import type { AuthOptions, CookieCache } from "../support/better-auth.ts";
import { linesOf } from "../support/doctor-facts.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { ACCOUNT, type ServedAuth, serveAuth } from "../support/served-auth.ts";
import { signSession, TEST_SECRET } from "../support/session-token.ts";

const OTHER_SECRET = "others-only-Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA";
const SECRETS = { BETTER_AUTH_SECRET: TEST_SECRET, ADMIN_KEY: "an-admin-key-of-24-chars" };

/** A configuration's file with these variables. */
function configFile(variables: Readonly<Record<string, string>>): string {
  const path = join(mkdtempSync(join(tmpdir(), "sluice-")), "wrangler.toml");
  const lines = Object.entries(variables).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  writeFileSync(path, ['name = "sluice"', 'compatibility_date = "2026-11-01"', "[vars]", ...lines].join("\n"));
  return path;
}

interface Run {
  readonly code: number | null;
  readonly output: string;
}

async function runDoctor(flags: readonly string[], env: Readonly<Record<string, string>> = SECRETS): Promise<Run> {
  const doctor = spawn(process.execPath, ["scripts/doctor.ts", ...flags], {
    cwd: ROOT,
    env: { ...process.env, ...env },
  });
  let output = "";
  doctor.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  doctor.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(doctor, "exit")) as [number | null];
  return { code, output };
}

describe.concurrent("the command", () => {
  let auth: ServedAuth;
  let gateway: Gateway;
  let config: string;
  beforeAll(async () => {
    auth = await serveAuth({ strategy: "jwe" }, { plugins: [bearer(), jwt()] });
    const variables = { BETTER_AUTH_URL: auth.url.origin, QUERY_CREDENTIALS: "tickets" };
    config = configFile(variables);
    gateway = await startGateway(variables);
  });
  afterAll(async () => {
    await gateway.stop();
    await auth.stop();
  });

  test("finds nothing wrong where nothing is, here and at the gateway, and leaves no session behind", async () => {
    const { email, password } = ACCOUNT;
    const flags = ["--config", config, "--gateway", gateway.url.origin, "--email", email];
    const { code, output } = await runDoctor(flags, { ...SECRETS, DOCTOR_PASSWORD: password });
    expect(output).not.toMatch(/^wrong/m);
    expect(output).toMatch(/^ok {6}session_data \(session-jwe\): opens the gate, the token lives for 5 min/m);
    expect(output).toMatch(/^ok {6}upstreams: \/\.well-known\/jwks\.json lists 1 key$/m);
    expect(output).toMatch(/^ok {6}session_data at the gateway: opens it$/m);
    expect(output).toMatch(/^ok {6}JWT of \/token at the gateway: opens it$/m);
    expect(output).toMatch(/^advice {2}SESSION_LIFETIME: .* revocation hook .* or SESSION_LIFETIME=token/m);
    expect(auth.asked.at(-1)).toBe("/api/auth/sign-out");
    expect(code).toBe(0);
    for (const secret of [password, ...Object.values(SECRETS)]) expect(output).not.toContain(secret);
  }, 90_000);

  test("says what is wrong by variable, and what cannot be reached, without a stack, token or secret", async () => {
    const token = await signSession({ secret: OTHER_SECRET });
    const nowhere = ["--gateway", "http://127.0.0.1:44"];
    const { code, output } = await runDoctor(["--config", config, "--token", token, ...nowhere, "--json"]);
    const { ok, findings } = JSON.parse(output) as { ok: boolean; findings: readonly Finding[] };
    expect(findings.filter(({ level }) => level === "wrong")).toMatchObject([
      { about: "gateway", seen: expect.stringContaining("cannot be reached (ECONNREFUSED)") },
      { about: "--token (session-jwt)", change: expect.stringContaining("BETTER_AUTH_SECRET") },
    ]);
    expect({ ok, code }).toEqual({ ok: false, code: 1 });
    for (const secret of [token, ...Object.values(SECRETS)]) expect(output).not.toContain(secret);
  }, 90_000);
});

interface State {
  readonly cookieCache: CookieCache;
  readonly options?: AuthOptions;
  readonly variables?: Readonly<Record<string, string>>;
  /** All that is said but what is well: `level about: change`, as patterns, `wrong` first. */
  readonly said: readonly RegExp[];
}

const BETTER_CACHE = /^advice cookie cache: strategy: "jwe"/;
const NO_BEARER = /^advice token of the sign-in .*bearer\(\)/;
const UNTRIED: unknown = expect.stringMatching(/^advice tokens: .*BETTER_AUTH_SECRET/);
const FEWER_KINDS = /^advice TOKEN_KINDS: TOKEN_KINDS=session-jwe,/;
const OTHERS: RegExp[] = [/^advice rate limits/, /^advice SESSION_LIFETIME/];

const STATES: readonly (readonly [string, State])[] = [
  [
    "as the documents have it",
    { cookieCache: { strategy: "jwt" }, options: { plugins: [bearer()] }, said: [BETTER_CACHE] },
  ],
  [
    "with another secret",
    {
      cookieCache: { strategy: "jwt" },
      options: { secret: OTHER_SECRET },
      said: [
        /^wrong session_data .*BETTER_AUTH_SECRET/,
        /^wrong session_token .*BETTER_AUTH_SECRET/,
        BETTER_CACHE,
        NO_BEARER,
      ],
    },
  ],
  [
    "on the public default secret",
    {
      cookieCache: { strategy: "compact" },
      options: { secret: "better-auth-secret-12345678901234567890", plugins: [bearer()] },
      said: [/^wrong session_data .*for the auth server/, /^wrong session_token .*for the auth server/, BETTER_CACHE],
    },
  ],
  [
    "without its cookie cache",
    {
      cookieCache: { enabled: false },
      options: { plugins: [bearer()] },
      said: [/^advice cookie cache: .*enabled: true/],
    },
  ],
  [
    "with another cookie prefix, and another cache version",
    {
      cookieCache: { strategy: "jwt", version: "7" },
      options: { advanced: { cookiePrefix: "my-app" }, plugins: [bearer()] },
      said: [
        /: BETTER_AUTH_COOKIE_PREFIX=my-app$/,
        /^wrong session_data .*: BETTER_AUTH_CACHE_VERSION=7$/,
        BETTER_CACHE,
      ],
    },
  ],
  [
    "with an encrypted cache, and sockets that end with their token",
    {
      cookieCache: { strategy: "jwe" },
      options: { plugins: [bearer()] },
      variables: { SESSION_LIFETIME: "token", TOKEN_KINDS: "session-jwe,session-token" },
      said: [],
    },
  ],
  [
    "with a cache that its jwt plugin signs",
    {
      cookieCache: { strategy: "jwt" },
      options: { plugins: [bearer(), jwt({ sessionCookieCache: true })] },
      said: [FEWER_KINDS],
    },
  ],
  [
    "with tokens that live too long, under another path",
    {
      cookieCache: { strategy: "jwt", maxAge: 1000 },
      options: { basePath: "/auth", plugins: [bearer()] },
      variables: { MAX_TOKEN_LIFETIME_S: "900" },
      said: [/^wrong AUTH_PATH: AUTH_PATH=\/auth$/, /^wrong session_data .*MAX_TOKEN_LIFETIME_S=1000$/, BETTER_CACHE],
    },
  ],
];

describe("an auth server", () => {
  beforeAll(() => {
    for (const [name, value] of Object.entries(SECRETS)) vi.stubEnv(name, value);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  test("and a configuration that are not there are told as such", async () => {
    const nobody = { gateway: undefined, token: undefined, account: undefined };
    const configPath = configFile({});
    const unread = await examine({ ...nobody, configPath, environment: "nowhere", authServer: undefined });
    expect(unread).toMatchObject([{ level: "wrong", seen: expect.stringContaining('"nowhere"') }]);
    const authServer = new URL("http://127.0.0.1:44");
    const unreached = await examine({ ...nobody, configPath, environment: undefined, authServer });
    const seen = expect.stringContaining("cannot be reached (ECONNREFUSED)");
    expect(unreached).toContainEqual(expect.objectContaining({ level: "wrong", about: "auth server", seen }));
    const unnamed = await examine({ ...nobody, configPath, environment: undefined, authServer: undefined });
    expect(linesOf(unnamed)).toContainEqual(expect.stringMatching(/^wrong auth server: --auth/));
    for (const findings of [unreached, unnamed]) expect(linesOf(findings)).toContainEqual(UNTRIED);
    vi.stubEnv("BETTER_AUTH_SECRET", "");
    const token = await signSession();
    const unknown = await examine({ ...nobody, configPath, environment: undefined, authServer: undefined, token });
    vi.stubEnv("BETTER_AUTH_SECRET", TEST_SECRET);
    expect(linesOf(unknown)).toContainEqual(UNTRIED);
  });

  test("that refuses the sign-in says why", async () => {
    const auth = await serveAuth({ strategy: "jwt" });
    const findings = await examine({
      configPath: configFile({}),
      environment: undefined,
      gateway: undefined,
      authServer: auth.url,
      token: undefined,
      account: { ...ACCOUNT, password: "not the one" },
    });
    await auth.stop();
    const seen = "the auth server answered 401, INVALID_EMAIL_OR_PASSWORD";
    expect(findings).toContainEqual(expect.objectContaining({ level: "wrong", about: "sign-in", seen }));
  });

  test.each(STATES)("%s is told what to change, and nothing else", async (_name, state) => {
    const auth = await serveAuth(state.cookieCache, state.options);
    const findings = await examine({
      configPath: configFile({ BETTER_AUTH_URL: auth.url.origin, ...state.variables }),
      environment: undefined,
      gateway: undefined,
      authServer: undefined,
      token: undefined,
      account: ACCOUNT,
    });
    await auth.stop();
    const said = linesOf(findings.filter(({ level }) => level !== "ok"));
    const expected = [...state.said, ...OTHERS].filter(
      (line) => !(state.variables?.["SESSION_LIFETIME"] === "token" && line.source.includes("SESSION_LIFETIME")),
    );
    for (const line of expected) expect(said).toContainEqual(expect.stringMatching(line));
    expect(said).toHaveLength(expected.length);
  });
});
