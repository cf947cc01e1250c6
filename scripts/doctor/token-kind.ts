// What a token says of itself, unverified: only words for the operator are made of it.
import { decodeCanonical, readJson } from "../../auth/base64url.ts";
import { formOf } from "../../auth/token-form.ts";
import { TOKEN_KINDS, type TokenKind } from "../../auth/verifier.ts";
import { isJsonObject, type JsonObject } from "../../protocol/json.ts";

export interface TokenFacts {
  /** A key of a program looks like a session token, and is taken for one here. */
  readonly kind: TokenKind;
  /** Undefined where it cannot be read without a key, or says none. */
  readonly version: string | undefined;
  readonly issuer: string | undefined;
}

/** Those that whoever signs chosen text with the auth server's secret can make. */
export const FORGEABLE_KINDS: ReadonlySet<TokenKind> = new Set(["session-jwt", "session-jwt-flat", "session-compact"]);

export function tokenFacts(token: string): TokenFacts {
  const payload = payloadOf(token);
  const { version, iss } = payload;
  return {
    kind: kindOf(token, payload),
    version: typeof version === "string" ? version : undefined,
    issuer: typeof iss === "string" ? iss : undefined,
  };
}

/** Those that the auth server's public keys verify, which are asked for now and then. */
export const KINDS_BY_KEYS: ReadonlySet<TokenKind> = new Set(["session-jwks", "jwt"]);

/** Those that only a deployment can verify that reaches its auth server. */
export const KINDS_BY_ASKING: ReadonlySet<TokenKind> = new Set([...KINDS_BY_KEYS, "session-token"]);

/** All that the deployment takes but these, as TOKEN_KINDS is written. */
export function kindsWithout(taken: ReadonlySet<TokenKind>, others: ReadonlySet<TokenKind>): string {
  return TOKEN_KINDS.filter((kind) => taken.has(kind) && !others.has(kind)).join(",");
}

function kindOf(token: string, payload: JsonObject): TokenKind {
  switch (formOf(token)) {
    case "signed-by-secret":
      if (Object.hasOwn(payload, "session")) return "session-jwt";
      return Object.hasOwn(payload, "userId") ? "session-jwt-flat" : "shared-secret";
    case "signed-by-key":
      return Object.hasOwn(payload, "session") ? "session-jwks" : "jwt";
    case "ticket":
      return "ticket";
    case "encrypted":
      return "session-jwe";
    case "compact":
      return "session-compact";
    case "opaque":
      return "session-token";
  }
}

/** Empty where nothing can be read. */
function payloadOf(token: string): JsonObject {
  switch (formOf(token)) {
    case "signed-by-secret":
    case "signed-by-key":
    case "ticket":
      return readPart(token.split(".")[1]);
    case "compact": {
      const { session } = readPart(token);
      return isJsonObject(session) ? session : {};
    }
    case "encrypted":
    case "opaque":
      return {};
  }
}

function readPart(part = ""): JsonObject {
  const parsed = readJson(decodeCanonical(part) ?? new Uint8Array());
  return isJsonObject(parsed) ? parsed : {};
}
