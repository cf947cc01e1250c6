// Tickets as the gateway signs them, for tests that need one with chosen words.
import { deriveTicketKey } from "../../auth/keys.ts";
import { signTicket } from "../../auth/mint.ts";
import type { TicketPrincipal } from "../../auth/principal.ts";
import type { Ticket } from "../../auth/ticket.ts";
import { NOW_MS, NOW_S } from "./hostile-token.ts";
import { TEST_SECRET } from "./session-token.ts";

/** Good at `NOW_MS`, with changes on top. */
export function ticketWith(changes: Partial<Ticket> = {}): Ticket {
  return {
    ticketId: "t-1",
    streamId: "cam-1",
    epoch: "e1",
    operations: ["read"],
    userId: "alice",
    sessionId: "s-1",
    issuedAtS: NOW_S - 1000,
    sessionEndsAtMs: NOW_MS + 3_600_000,
    mintedAtS: NOW_S - 10,
    expiresAtS: NOW_S + 50,
    ...changes,
  };
}

export async function ticketText(changes: Partial<Ticket> = {}, secret = TEST_SECRET): Promise<string> {
  return signTicket(ticketWith(changes), await deriveTicketKey(secret));
}

/** Who comes with such a ticket. */
export function holder(changes: Partial<Omit<TicketPrincipal, "kind">> = {}): TicketPrincipal {
  const { ticketId, streamId, epoch, operations, userId, sessionId } = ticketWith();
  return { kind: "ticket", ticketId, streamId, epoch, operations, userId, sessionId, ...changes };
}
