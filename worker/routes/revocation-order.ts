// What an operator, or the auth server, asks to be revoked: the body of `POST /admin/revocations`, read strictly.
import { isPlainId, isUserId } from "../../auth/principal.ts";
import type { Revocation } from "../../auth/revocation.ts";
import type { JsonObject } from "../../protocol/json.ts";

export type RevocationOrder =
  | {
      readonly kind: "order";
      readonly revocation: Revocation;
      /** In milliseconds since 1970, as it was said or is meant. */
      readonly issuedBefore: number;
      readonly graceMs: number;
    }
  | { readonly kind: "wrong"; readonly detail: string };

/** Clocks may differ by this; whoever is vouched for later than that nobody can mean. */
const AHEAD_MAX_MS = 60_000;
const GRACE_MAX_MS = 300_000;
const NAMES: ReadonlySet<string> = new Set(["userId", "sessionId", "issuedBefore", "graceMs"]);

/** A name that nobody knows is refused: `sessionID` would otherwise revoke every session. */
export function readRevocationOrder(body: JsonObject, nowMs: number): RevocationOrder {
  const { userId, sessionId, issuedBefore = nowMs, graceMs = 0 } = body;
  if (!Object.keys(body).every((name) => NAMES.has(name))) {
    return wrong("Only userId, sessionId, issuedBefore and graceMs are known");
  }
  if (!isUserId(userId)) return wrong("`userId` must be the id of a user");
  if (!(sessionId === undefined || isPlainId(sessionId))) return wrong("`sessionId` must be the id of a session");
  if (!isWhole(issuedBefore, nowMs + AHEAD_MAX_MS)) {
    return wrong("`issuedBefore` must be milliseconds since 1970, at most a minute ahead");
  }
  if (!isWhole(graceMs, GRACE_MAX_MS)) return wrong(`\`graceMs\` must be an integer from 0 to ${GRACE_MAX_MS}`);
  const revocation = { userId, sessionId, issuedBeforeS: Math.floor(issuedBefore / 1000) };
  return { kind: "order", revocation, issuedBefore, graceMs };
}

function isWhole(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max;
}

function wrong(detail: string): RevocationOrder {
  return { kind: "wrong", detail };
}
