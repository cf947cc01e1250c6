// Asks the auth server what anybody may ask, and says what its answers mean for the gateway.
import { isJsonObject } from "../../protocol/json.ts";
import { ask, type Answer, inWords } from "./ask.ts";
import { advice, duration, type Finding, ok, wrong } from "./finding.ts";

export interface AuthServerFacts {
  /** Its address with its path, where it answered; else where it was asked. */
  readonly base: string;
  /** What it answered where it should be. */
  readonly asked: Answer;
  /** Under which other path it answered; undefined where it did not, or had no need to. */
  readonly otherPath: string | undefined;
  readonly getSession: Answer;
  readonly jwks: Answer;
}

/** Better Auth's `basePath`, as it is often set. */
const OTHER_PATHS = ["/api/auth", "/auth", "/api", "/api/better-auth", "/v1/auth", ""];

/** @param address with or without a path; without one `path` is put behind it */
export async function askAuthServer(address: string, path: string): Promise<AuthServerFacts> {
  const expected = baseOf(address, path);
  const asked = await ask(`${expected}/ok`);
  const base = asked.kind === "none" || isAlive(asked) ? expected : ((await findBase(new URL(expected))) ?? expected);
  const [getSession, jwks] = await Promise.all([ask(`${base}/get-session`), ask(`${base}/jwks`)]);
  return {
    base,
    asked,
    otherPath: base === expected ? undefined : base.slice(new URL(base).origin.length),
    getSession,
    jwks,
  };
}

/** The same rule as the gateway's for BETTER_AUTH_URL. */
function baseOf(address: string, path: string): string {
  const url = new URL(address);
  return url.pathname === "/" ? `${url.origin}${path}` : `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Where it is instead; undefined where it is in none of the usual places. */
async function findBase({ origin }: URL): Promise<string | undefined> {
  const bases = OTHER_PATHS.map((path) => `${origin}${path}`);
  const answers = await Promise.all(bases.map((base) => ask(`${base}/ok`)));
  return bases[answers.findIndex(isAlive)];
}

/** `packages/better-auth/src/api/routes/ok.ts` */
function isAlive(answer: Answer): boolean {
  return answer.kind === "answer" && answer.status === 200 && isJsonObject(answer.body) && answer.body["ok"] === true;
}

/** Whether more can be asked of it. */
export function isReached({ getSession }: AuthServerFacts): boolean {
  return getSession.kind === "answer" && getSession.status === 200 && getSession.body === null;
}

/** How many public keys it has; undefined without its jwt plugin. */
export function keyCount({ jwks }: AuthServerFacts): number | undefined {
  if (jwks.kind === "none" || jwks.status !== 200 || !isJsonObject(jwks.body)) return undefined;
  const { keys } = jwks.body;
  return Array.isArray(keys) ? keys.length : undefined;
}

/** @param pathIsInUrl whether the path stands in BETTER_AUTH_URL and not in AUTH_PATH */
export function authServerFindings(facts: AuthServerFacts, pathIsInUrl: boolean): readonly Finding[] {
  const { base, asked, otherPath, getSession } = facts;
  if (asked.kind === "none") {
    return [wrong("auth server", `${base}/ok ${asked.why}`, "start it, or name where it answers with --auth")];
  }
  const findings: Finding[] = [];
  if (otherPath !== undefined) {
    const variable = pathIsInUrl ? `BETTER_AUTH_URL=${base}` : `AUTH_PATH=${otherPath}`;
    const change = otherPath === "" ? "give it a basePath, such as Better Auth's own /api/auth" : variable;
    findings.push(wrong("AUTH_PATH", `the auth server's basePath is ${otherPath || "/"}`, change));
  } else if (isAlive(asked)) findings.push(ok("auth server", `${base}/ok answers`));
  if (isReached(facts)) {
    findings.push(ok("auth server", "/get-session answers 200 with null to who has no session"));
  } else {
    const seen = `${base}/get-session ${inWords(getSession)}, and not 200 with null`;
    findings.push(wrong("auth server", seen, "name Better Auth's address with --auth, its basePath with AUTH_PATH"));
  }
  return [...findings, ...clockFindings(asked.clockAheadMs)];
}

export interface KnownAddress {
  /** BETTER_AUTH_URL. */
  readonly url: string | undefined;
  /** Whether a Worker is bound as AUTH. */
  readonly isBound: boolean;
}

/** Whether the deployment will ask the server that was looked at. */
export function addressFindings(base: string, { url, isBound }: KnownAddress): readonly Finding[] {
  const { origin } = new URL(base);
  if (url !== undefined && new URL(url).origin !== origin) {
    const seen = `is ${new URL(url).origin}, and ${origin} was looked at`;
    return [advice("BETTER_AUTH_URL", seen, `BETTER_AUTH_URL=${origin}, or another --auth`)];
  }
  if (url !== undefined || isBound) return [];
  const seen = "the deployment asks no auth server: it takes no session tokens, and nothing that keys signed";
  return [advice("BETTER_AUTH_URL", seen, `BETTER_AUTH_URL=${origin}, or a service binding AUTH`)];
}

/** The bound of the gateway for tokens that were made in the future is a minute; five seconds are no accident. */
function clockFindings(aheadMs: number | undefined): readonly Finding[] {
  if (aheadMs === undefined) return [];
  const seconds = Math.abs(aheadMs) / 1000;
  const seen = `the auth server's is ${duration(seconds)} ${aheadMs > 0 ? "ahead of" : "behind"} this machine's`;
  const change = "set the one that is wrong by NTP: the gateway refuses tokens that are made in its future";
  if (seconds >= 60) return [wrong("clock", seen, change)];
  if (seconds >= 5) return [advice("clock", seen, change)];
  return [ok("clock", "the auth server's agrees with this machine's")];
}
