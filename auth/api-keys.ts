// The variables API_KEYS and ADMIN_KEY: keys of programs, kept as hashes, with what each may do.
import { isJsonObject, isTextList, parseJson } from "../protocol/json.ts";
import type { Operation, ServicePrincipal } from "./principal.ts";
import { keyFault } from "./secret-strength.ts";
import type { VariableReader } from "./variables.ts";

export const SCOPES = ["read", "write", "tickets", "proxy", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

export interface ApiKey {
  readonly name: string;
  /** SHA-256 of the key's UTF-8 bytes, in lower-case hex, or the key itself, which is hashed before it is compared. */
  readonly secret: { readonly hash: string } | { readonly plain: string };
  readonly scopes: readonly Scope[];
  /** Stream ids, exact or with a trailing `*`. */
  readonly streams: readonly string[];
  /** Of which streams it is an admin: of those that it names, or of all where it names none. */
  readonly adminOf: readonly string[];
}

const NAME = "API_KEYS";
const ADMIN_NAME = "ADMIN_KEY";
const KEYS_MAX = 1000;
const STREAMS_MAX = 32;
const PATTERN = /^[A-Za-z0-9._:-]{1,128}\*?$|^\*$/;

/**
 * The operator's own key; undefined where there is none, and then nobody is an operator but a key with the scope.
 * @param signedWith secrets: a key is sent to the gateway, and a secret is never sent anywhere
 */
export function readAdminKey(variables: VariableReader, signedWith: readonly string[] = []): ApiKey | undefined {
  const plain = variables.text(ADMIN_NAME);
  if (plain === undefined) return undefined;
  const fault = plainFault(plain, signedWith);
  if (fault !== undefined) {
    variables.report(ADMIN_NAME, fault);
    return undefined;
  }
  return { name: "ADMIN_KEY", secret: { plain }, scopes: ["admin"], streams: [], adminOf: ["*"] };
}

function plainFault(plain: string, signedWith: readonly string[]): string | undefined {
  return signedWith.includes(plain) ? "must not be a secret that is signed with" : keyFault(plain);
}

/**
 * JSON `[{name, hash: "sha256:<hex>", scopes?, streams?}]`, or a comma list of keys that may use the proxy and no stream.
 * @param signedWith secrets, none of which a listed key may be
 */
export function readApiKeys(variables: VariableReader, signedWith: readonly string[] = []): readonly ApiKey[] {
  const text = variables.text(NAME);
  if (text === undefined) return [];
  const keys = text.trimStart().startsWith("[") ? readJson(text, variables) : readList(variables, signedWith);
  const names = new Set(keys.map(({ name }) => name));
  const secrets = new Set(keys.map(({ secret }) => ("hash" in secret ? secret.hash : secret.plain)));
  if (names.size < keys.length) variables.report(NAME, "names two keys alike");
  if (secrets.size < keys.length) variables.report(NAME, "holds one key twice");
  if (keys.length > KEYS_MAX) variables.report(NAME, `holds more than ${KEYS_MAX} keys`);
  return keys;
}

function readList(variables: VariableReader, signedWith: readonly string[]): readonly ApiKey[] {
  return (variables.list(NAME) ?? []).flatMap((plain, index): readonly ApiKey[] => {
    const fault = plainFault(plain, signedWith);
    if (fault !== undefined) {
      variables.report(NAME, `holds a key, number ${index + 1}, that ${fault}`);
      return [];
    }
    return [{ name: `list-${index + 1}`, secret: { plain }, scopes: ["proxy"], streams: [], adminOf: [] }];
  });
}

function readJson(text: string, variables: VariableReader): readonly ApiKey[] {
  const entries = parseJson(text)?.value;
  if (!Array.isArray(entries)) {
    variables.report(NAME, "is neither a comma list nor a JSON list");
    return [];
  }
  return entries.flatMap((entry: unknown, index): readonly ApiKey[] => {
    const key = toKey(entry);
    if (key !== undefined) return [key];
    variables.report(NAME, `has an entry, number ${index + 1}, that is not {name, hash, scopes?, streams?}`);
    return [];
  });
}

function toKey(entry: unknown): ApiKey | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { name, hash, scopes = ["read"], streams } = entry;
  if (typeof name !== "string" || !/^[A-Za-z0-9._-]{1,64}$/.test(name)) return undefined;
  const hex = typeof hash === "string" ? /^sha256:([0-9a-f]{64})$/i.exec(hash)?.[1] : undefined;
  if (hex === undefined || !isScopes(scopes)) return undefined;
  if (streams !== undefined && !isPatternList(streams)) return undefined;
  const adminOf = scopes.includes("admin") ? (streams ?? ["*"]) : [];
  return { name, secret: { hash: hex.toLowerCase() }, scopes, streams: streams ?? [], adminOf };
}

/** A list of patterns of stream ids of a modest length: it goes with each connection of its key. */
export function isPatternList(value: unknown): value is readonly string[] {
  return isTextList(value) && value.length <= STREAMS_MAX && value.every((pattern) => PATTERN.test(pattern));
}

/** Who shows a key. */
export function principalOf({ name, scopes, streams, adminOf }: ApiKey): ServicePrincipal {
  const operations = scopes.filter((scope): scope is Operation => scope === "read" || scope === "write");
  const grants = { operations, streams, ...(scopes.includes("tickets") ? { mintsTickets: true } : {}) };
  const principal = { kind: "service", userId: `key:${name}`, grants } as const;
  const more = { ...(adminOf.length > 0 ? { adminOf } : {}), ...(scopes.includes("proxy") ? { usesProxy: true } : {}) };
  return { ...principal, ...more };
}

function isScopes(value: unknown): value is readonly Scope[] {
  const known: readonly string[] = SCOPES;
  return isTextList(value) && value.every((scope) => known.includes(scope));
}
