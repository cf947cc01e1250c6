// Signs what the gateway itself issues: tickets, with the current secret's own key for them, and assertions.
import { type CompactJWSHeaderParameters, CompactSign } from "jose";
import type { JsonObject } from "../protocol/json.ts";
import type { GivenKey } from "./assertion-key.ts";
import { type AssertionKeys, makeAssertionKeys, publishedAt } from "./assertion-keys.ts";
import { type Assertion, ASSERTION_TYPE, toAssertionClaims } from "./assertion.ts";
import { deriveTicketKey } from "./keys.ts";
import type { AuthServerSecret } from "./secrets.ts";
import type { PublicKey, SigningKey } from "./signing-key.ts";
import { type Ticket, TICKET_TYPE, toClaims } from "./ticket.ts";

export type TicketMint = (ticket: Ticket) => Promise<string>;

/** @param secrets of the auth server, the current one first; older ones only verify */
export function makeTicketMint(secrets: readonly AuthServerSecret[]): TicketMint {
  let key: Promise<CryptoKey> | undefined;
  return async (ticket) => {
    const [current] = secrets;
    if (current === undefined) throw new Error("a gate without a secret is closed");
    // Made with the first ticket: most isolates never sign one.
    key ??= deriveTicketKey(current.value);
    return signTicket(ticket, await key);
  };
}

export function signTicket(ticket: Ticket, key: CryptoKey): Promise<string> {
  return sign(toClaims(ticket), { alg: "HS256", typ: TICKET_TYPE }, key);
}

export interface AssertionMint {
  readonly sign: (assertion: Assertion) => Promise<string>;
  /** By which others know that it was this gateway: the key that signs first, then those before it that still count. */
  readonly publicKeys: (nowMs: number) => Promise<readonly PublicKey[]>;
}

/**
 * @param given by the operator, the one that signs first
 * @param secrets of the auth server, for where none was given
 */
export function makeAssertionMint(given: readonly GivenKey[], secrets: readonly AuthServerSecret[]): AssertionMint {
  let keys: Promise<AssertionKeys> | undefined;
  // Made when first asked for, as those of tickets.
  const made = (): Promise<AssertionKeys> => (keys ??= makeAssertionKeys(given, secrets));
  return {
    sign: async (assertion) => signAssertion(assertion, (await made()).signing),
    publicKeys: async (nowMs) => publishedAt(await made(), nowMs),
  };
}

function signAssertion(assertion: Assertion, { key, publicKey: { alg, kid } }: SigningKey): Promise<string> {
  return sign(toAssertionClaims(assertion), { alg, kid, typ: ASSERTION_TYPE }, key);
}

function sign(claims: JsonObject, header: CompactJWSHeaderParameters, key: CryptoKey): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader(header).sign(key);
}
