// What the cookies of a sign-in show: whether a browser would bring them to the gateway, and whether it would find them. Pure.
import type { Config } from "../../worker/config.ts";
import { advice, type Finding, ok, wrong } from "./finding.ts";
import { prefixOf, type SetCookie } from "./sign-in.ts";

export interface CookieContext {
  readonly config: Config;
  readonly authServerOrigin: string | undefined;
  /** Undefined where nobody said. */
  readonly gatewayOrigin: string | undefined;
  readonly asksAuthServer: boolean;
}

export function cookieFindings(cookies: readonly SetCookie[], context: CookieContext): readonly Finding[] {
  return [...prefixFindings(cookies, context), ...cacheFindings(cookies, context), ...reachFindings(cookies, context)];
}

function prefixFindings(cookies: readonly SetCookie[], { config }: CookieContext): readonly Finding[] {
  const { cookiePrefix } = config.auth.credentialPlaces;
  const prefix = prefixOf(cookies) ?? cookiePrefix;
  if (prefix === cookiePrefix) return [ok("cookies", `begin with ${cookiePrefix}, as the gateway expects`)];
  const seen = `the auth server's cookies begin with ${prefix}, the gateway looks for ${cookiePrefix}`;
  return [wrong("BETTER_AUTH_COOKIE_PREFIX", seen, `BETTER_AUTH_COOKIE_PREFIX=${prefix}`)];
}

function cacheFindings(cookies: readonly SetCookie[], { asksAuthServer }: CookieContext): readonly Finding[] {
  if (cookies.some(({ name }) => name.includes(".session_data"))) return [];
  const change = 'session: { cookieCache: { enabled: true, strategy: "jwe" } } in the auth server';
  const seen = "the session's cookie cache is off";
  return asksAuthServer
    ? [advice("cookie cache", `${seen}: who connects is looked up at the auth server, each five seconds anew`, change)]
    : [wrong("cookie cache", `${seen}, and the deployment can ask no auth server: nobody gets in`, change)];
}

function reachFindings(cookies: readonly SetCookie[], context: CookieContext): readonly Finding[] {
  const { authServerOrigin, gatewayOrigin } = context;
  if (gatewayOrigin === undefined || authServerOrigin === undefined) return [];
  const [gateway, authServer] = [new URL(gatewayOrigin), new URL(authServerOrigin)];
  const findings: Finding[] = [];
  const isSecure = cookies.some(({ name }) => name.startsWith("__Secure-"));
  if (isSecure && gateway.protocol === "http:") {
    const change = "https for the gateway, or advanced.useSecureCookies: false in the auth server";
    findings.push(advice("cookies", "__Secure- cookies do not travel over http, which the gateway speaks", change));
  }
  if (!isSecure && gateway.protocol === "https:") {
    const change = "advanced.useSecureCookies: true in the auth server";
    findings.push(advice("cookies", "without __Secure-, a neighbouring site may be able to write them", change));
  }
  const goesThere = ({ domain }: SetCookie): boolean =>
    domain !== undefined && `.${gateway.hostname}`.endsWith(`.${domain}`);
  if (gateway.hostname !== authServer.hostname && !cookies.some(goesThere)) {
    const change = "bind it as AUTH, so that it is reached through the gateway; or advanced.crossSubDomainCookies";
    const seen = `browsers bring the cookies of ${authServer.hostname} not to ${gateway.hostname}`;
    findings.push(advice("cookies", seen, `${change}; or let pages send the token`));
  }
  return findings;
}
