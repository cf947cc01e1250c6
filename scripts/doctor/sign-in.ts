// Signs in at the auth server as somebody who has an account, takes what a client would be given, and signs out again.
import { findSessionCookie } from "../../auth/cookies.ts";
import type { Slot } from "../../auth/credential.ts";
import { isJsonObject } from "../../protocol/json.ts";
import { ask, type Answer, inWords } from "./ask.ts";
import { advice, type Finding, ok, wrong } from "./finding.ts";

/** A token, and what it is to the operator. */
export interface Sample {
  readonly name: "session_data" | "session_token" | "token of the sign-in" | "JWT of /token" | "--token";
  readonly token: string;
  readonly slot: Slot;
}

export interface SignedIn {
  readonly kind: "signed-in";
  readonly cookies: readonly SetCookie[];
  readonly samples: readonly Sample[];
}

export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** Of the attribute `Domain`; undefined where the cookie is for the one host alone. */
  readonly domain: string | undefined;
}

export interface NotSignedIn {
  readonly kind: "not-signed-in";
  readonly finding: Finding;
}

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** @param base the auth server's address with its path */
export async function signIn(base: string, account: Account, hasKeys: boolean): Promise<SignedIn | NotSignedIn> {
  const answer = await post(`${base}/sign-in/email`, account, base);
  if (answer.kind === "none" || answer.status !== 200 || !isJsonObject(answer.body)) {
    const code = codeOf(answer);
    const change = code.includes("ORIGIN") ? "with --auth, name its baseURL" : "correct --email and --password";
    return refused(`the auth server ${inWords(answer)}${code}`, change);
  }
  const { token } = answer.body;
  const cookies = answer.headers.getSetCookie().map(readSetCookie).filter(isKept);
  if (typeof token !== "string" || prefixOf(cookies) === undefined) {
    return answer.body["twoFactorRedirect"] === true
      ? refused("the account has a second factor", "an account without one, or --token with the token of a session")
      : refused(
          "the sign-in set no cookie whose name ends in .session_token",
          "leave the names of cookies as they are in advanced.cookies",
        );
  }
  const cookie = headerOf(cookies);
  const jwt = hasKeys ? await ask(`${base}/token`, { headers: { Cookie: cookie } }) : undefined;
  return { kind: "signed-in", cookies, samples: [...cookieSamples(cookies), ...bodySamples(token, jwt)] };
}

/** The session that the sign-in made is ended, so that nothing is left of it. */
export async function signOut(base: string, { cookies }: SignedIn): Promise<Finding> {
  const answer = await post(`${base}/sign-out`, {}, base, headerOf(cookies));
  return answer.kind === "answer" && answer.status === 200
    ? ok("sign-out", "the session of this check is ended")
    : advice(
        "sign-out",
        `the auth server ${inWords(answer)}${codeOf(answer)}`,
        "end the session of this check by hand",
      );
}

/** What stands before `.session_token`, without the prefix that https adds. */
export function prefixOf(cookies: readonly SetCookie[]): string | undefined {
  return cookies
    .map(({ name }) => /^(?:__Secure-)?([A-Za-z0-9._-]{1,64})\.session_token$/.exec(name)?.[1])
    .find((prefix) => prefix !== undefined);
}

/** One without a value takes a former one away. */
function isKept({ value }: SetCookie): boolean {
  return value !== "";
}

export function readSetCookie(line: string): SetCookie {
  const [pair = "", ...attributes] = line.split(";");
  const equals = pair.indexOf("=");
  const domain = attributes.map((attribute) => /^\s*domain=\.?(\S+)/i.exec(attribute)?.[1]).find(Boolean);
  return { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1), domain };
}

/** As a browser with these cookies would be found, and one that has lost the cache. */
function cookieSamples(cookies: readonly SetCookie[]): readonly Sample[] {
  const prefix = prefixOf(cookies) ?? "";
  const isCache = ({ name }: SetCookie): boolean => name.includes(".session_data");
  const found = (["session_data", "session_token"] as const).map((name) => {
    const kept = cookies.filter((cookie) => isCache(cookie) === (name === "session_data"));
    return { name, search: findSessionCookie(headerOf(kept), prefix) };
  });
  return found.flatMap(({ name, search }) =>
    search.kind === "found" ? [{ name, token: search.token, slot: "cookie" as const }] : [],
  );
}

function bodySamples(token: string, jwt: Answer | undefined): readonly Sample[] {
  const samples: Sample[] = [{ name: "token of the sign-in", token, slot: "any-token" }];
  if (jwt?.kind === "answer" && isJsonObject(jwt.body) && typeof jwt.body["token"] === "string") {
    samples.push({ name: "JWT of /token", token: jwt.body["token"], slot: "any-token" });
  }
  return samples;
}

/** Without an `Origin` that it knows, Better Auth takes no POST. */
function post(url: string, body: unknown, base: string, cookie = ""): Promise<Answer> {
  return ask(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: new URL(base).origin, Cookie: cookie },
    body: JSON.stringify(body),
  });
}

function headerOf(cookies: readonly SetCookie[]): string {
  return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}

/** Better Auth's own, such as INVALID_EMAIL_OR_PASSWORD. */
function codeOf(answer: Answer): string {
  const code = answer.kind === "answer" && isJsonObject(answer.body) ? answer.body["code"] : undefined;
  return typeof code === "string" && /^[A-Z_]{1,64}$/.test(code) ? `, ${code}` : "";
}

function refused(seen: string, change: string): NotSignedIn {
  return { kind: "not-signed-in", finding: wrong("sign-in", seen, change) };
}
