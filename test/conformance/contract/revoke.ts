// How the contract revokes: as the operator, with tokens that are surely older or younger than the word.
import type { Contract } from "./contract.ts";
import { askerOf, type HttpAnswer } from "./http.ts";

/** So that no second begins between a token and its revocation. */
export const BEFORE = { issuedAgoS: 60 };
/** And the other way round: a revocation covers what was vouched for within its second. */
export const AFTER = { issuedAgoS: -5 };

export type Revoke = (body: unknown) => Promise<HttpAnswer>;

export function revokerOf(contract: Contract): Revoke {
  const ask = askerOf(contract);
  return (body) => ask("POST", "/admin/revocations", undefined, body, { "x-api-key": `${contract.adminKey}` });
}
