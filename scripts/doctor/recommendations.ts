// What would be safer than what is, by what the auth server hands out and how the gateway takes it. Pure.
import type { TokenKind } from "../../auth/verifier.ts";
import type { Config } from "../../worker/config.ts";
import { advice, duration, type Finding, ok } from "./finding.ts";
import { FORGEABLE_KINDS, KINDS_BY_ASKING, KINDS_BY_KEYS, kindsWithout } from "./token-kind.ts";
import type { Trial } from "./trial.ts";

export interface RecommendationContext {
  readonly config: Config;
  /** Of the gateway as it is checked out; what it does not know is not recommended. */
  readonly knownVariables: ReadonlySet<string>;
  /** Whether the variable CONFIRM_HS256 is on. */
  readonly confirmsHs256: boolean;
  readonly asksAuthServer: boolean;
  /** Whether the auth server has keys at `/jwks`; undefined where it was not reached. */
  readonly hasKeys: boolean | undefined;
  readonly authServerOrigin: string | undefined;
  /** Undefined where nobody said. */
  readonly gatewayOrigin: string | undefined;
}

export function recommendations(trials: readonly Trial[], context: RecommendationContext): readonly Finding[] {
  return [
    ...kindFindings(context),
    ...forgeryFindings(trials, context),
    ...signOutFindings(trials, context),
    ...originFindings(context),
  ];
}

function kindFindings({ config: { auth }, asksAuthServer, hasKeys }: RecommendationContext): readonly Finding[] {
  if (hasKeys === undefined) return [];
  const never = asksAuthServer ? (hasKeys ? new Set<TokenKind>() : KINDS_BY_KEYS) : KINDS_BY_ASKING;
  const off = [...auth.tokenKinds].filter((kind) => never.has(kind)).join(", ");
  const why = asksAuthServer ? "the auth server has no /jwks" : "no auth server can be asked";
  const unset = new Set<TokenKind>(never);
  if (auth.jwtSecret === undefined) unset.add("shared-secret");
  if (auth.apiKeys.length === 0) unset.add("api-key");
  const left = kindsWithout(auth.tokenKinds, unset).replaceAll(",", ", ");
  return [ok("TOKEN_KINDS", `can verify: ${left}${off === "" ? "" : `; never: ${off}, since ${why}`}`)];
}

/** Whoever else signs text with the auth server's secret can make an HS256 or compact session of any user. */
function forgeryFindings(trials: readonly Trial[], context: RecommendationContext): readonly Finding[] {
  const { config, knownVariables, confirmsHs256, hasKeys } = context;
  const { tokenKinds } = config.auth;
  if (confirmsHs256 || ![...FORGEABLE_KINDS].some((kind) => tokenKinds.has(kind))) return [];
  const used = trials.find(({ facts }) => FORGEABLE_KINDS.has(facts.kind))?.facts.kind;
  const safe = trials.some(({ facts }) => facts.kind === "session-jwe" || facts.kind === "session-jwks");
  const fewer = `TOKEN_KINDS=${kindsWithout(tokenKinds, FORGEABLE_KINDS)}`;
  if (used === undefined) {
    if (!safe) return [];
    const seen = "takes HS256 and compact sessions too: the auth server makes none, but who signs with its secret can";
    return [advice("TOKEN_KINDS", seen, fewer)];
  }
  const byKeys = `jwt({ sessionCookieCache: true })${hasKeys === true ? "" : " among its plugins, with strategy jwt"}`;
  const until = knownVariables.has("CONFIRM_HS256") ? "; until then CONFIRM_HS256=true" : "";
  return [
    advice(
      "cookie cache",
      `${used}: whatever else signs chosen text with the auth server's secret makes sessions of anybody`,
      `strategy: "jwe" in the auth server's cookieCache, or ${byKeys}; then ${fewer}${until}`,
    ),
  ];
}

function signOutFindings(trials: readonly Trial[], { config }: RecommendationContext): readonly Finding[] {
  const accepted = trials.flatMap(({ outcome }) => (outcome.kind === "accepted" ? [outcome] : []));
  const [longest] = accepted.map(({ sessionLeftS }) => sessionLeftS ?? 0).toSorted((a, b) => b - a);
  const [token] = accepted.flatMap(({ tokenLifeS }) => (tokenLifeS === undefined ? [] : [tokenLifeS]));
  const isByToken = config.auth.sessionLifetime === "token";
  const hook = "add the revocation hook of examples/auth-worker to the auth server, with ADMIN_KEY here";
  if (isByToken) {
    const life = token === undefined ? "its token" : `its token, ${duration(token)} at most`;
    return [ok("SESSION_LIFETIME", `a socket lives as long as ${life}, and clients renew it with auth`)];
  }
  const end = longest === undefined ? "" : `, in ${duration(longest)}`;
  const seen = `a sign-out closes no open socket before the session's own end${end}`;
  const byToken = `or SESSION_LIFETIME=token, which ends sockets ${token === undefined ? "with their token" : `after ${duration(token)}`}`;
  // An opaque session token has no end of its own, so the other way would change nothing.
  const onlyOpaque = accepted.length > 0 && token === undefined;
  return [advice("SESSION_LIFETIME", seen, onlyOpaque ? hook : `${hook}; ${byToken}`)];
}

function originFindings({ config, authServerOrigin, gatewayOrigin }: RecommendationContext): readonly Finding[] {
  const { allowedOrigins } = config.auth;
  if (authServerOrigin === undefined || gatewayOrigin === undefined) return [];
  if (authServerOrigin === gatewayOrigin || allowedOrigins.has(authServerOrigin)) return [];
  const seen = `pages on ${authServerOrigin}, if there are any, may not use cookies or read answers`;
  return [advice("ALLOWED_ORIGINS", seen, `ALLOWED_ORIGINS=${[...allowedOrigins, authServerOrigin].join(",")}`)];
}
