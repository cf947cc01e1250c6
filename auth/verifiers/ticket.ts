// The gateway's own tickets: HS256 with a key that signs nothing else. Whether uses are left is the stream's to say.
import type { JsonObject } from "../../protocol/json.ts";
import { TICKET_TTL_MAX_S, TOKEN_MAX_CHARS } from "../../protocol/limits.ts";
import { hasOnly, openHs256, readHeader } from "../jws.ts";
import { keyNumberOf, keysAt, type TimedKey } from "../keys.ts";
import { isPrincipal } from "../principal.ts";
import { checkParties, checkTimes } from "../registered-claims.ts";
import { principalOf, TICKET_AUDIENCE, TICKET_TYPE } from "../ticket.ts";
import type { KeyUsed, Verification, Verifier } from "../verifier.ts";

/** @param keys the current one first; each is tried, since a ticket does not say which */
export function ticketVerifier(keys: readonly TimedKey<CryptoKey>[]): Verifier {
  return async (token, { nowMs }) => {
    const read = readHeader(token, TOKEN_MAX_CHARS, "hs256");
    if ("reason" in read) return read;
    if (!isOurs(read.header)) return { reason: "header-refused" };
    const opened = await openHs256(token, keysAt(keys, nowMs));
    if ("reason" in opened) return opened;
    return checkPayload(opened.payload, nowMs, { keyNumber: keyNumberOf(keys, opened.key) });
  };
}

function isOurs(header: JsonObject): boolean {
  return header["alg"] === "HS256" && header["typ"] === TICKET_TYPE && hasOnly(header, ["alg", "typ"]);
}

function checkPayload(payload: JsonObject, nowMs: number, used: KeyUsed): Verification {
  const times = checkTimes(payload, TICKET_TTL_MAX_S, nowMs);
  if ("reason" in times) return times;
  const fault = checkParties(payload, { issuer: undefined, audience: TICKET_AUDIENCE });
  if (fault !== undefined) return fault;
  const principal: unknown = principalOf(payload);
  if (!isPrincipal(principal)) return { reason: "claims-invalid", claim: "payload" };
  const { auth_time: issuedAtS, sessionEndsAtMs } = payload;
  if (!isTime(issuedAtS)) return { reason: "claims-invalid", claim: "auth_time" };
  if (!isTime(sessionEndsAtMs)) return { reason: "claims-invalid", claim: "sessionEndsAtMs" };
  if (sessionEndsAtMs <= nowMs) return { reason: "session-expired", expiresAtMs: sessionEndsAtMs };
  // Its end is until when it may be shown; a socket lives to the end of the session behind it, whatever SESSION_LIFETIME says.
  return {
    kind: "verified",
    tokenKind: "ticket",
    ...used,
    principal,
    issuedAtS,
    sessionEndsAtMs,
    tokenEndsAtMs: undefined,
  };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
