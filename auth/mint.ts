// Signs what the gateway itself issues: tickets, with the current secret's own key for them.
import { CompactSign } from "jose";
import { deriveTicketKey } from "./keys.ts";
import type { AuthServerSecret } from "./secrets.ts";
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
  const payload = new TextEncoder().encode(JSON.stringify(toClaims(ticket)));
  return new CompactSign(payload).setProtectedHeader({ alg: "HS256", typ: TICKET_TYPE }).sign(key);
}
