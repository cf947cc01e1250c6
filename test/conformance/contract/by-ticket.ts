// How the contract makes tickets and comes by them.
import { expect } from "vitest";
import { Client } from "../../support/client.ts";
import type { Contract, Pair } from "./contract.ts";
import { askerOf, type HttpAnswer } from "./http.ts";

export interface ByTicket {
  /** A ticket of an owner's that may read, unless `more` says otherwise. */
  readonly mint: (of: Pick<Pair, "streamId" | "userId">, more?: Record<string, unknown>) => Promise<string>;
  /** As a page does that has nothing but a URL. */
  readonly look: (ticket: string, path: string) => Promise<HttpAnswer>;
  readonly open: (streamId: string, ticket: string) => Promise<Client>;
}

export function byTicket(contract: Contract): ByTicket {
  const ask = askerOf(contract);
  return {
    mint: async ({ streamId, userId }, more = {}) => {
      const { status, body } = await ask("POST", "/tickets", userId, { streamId, operations: ["read"], ...more });
      expect(status).toBe(200);
      return String(body["ticket"]);
    },
    look: (ticket, path) => ask("GET", `${path}${path.includes("?") ? "&" : "?"}ticket=${ticket}`, undefined),
    open: (streamId, ticket) => Client.connect(contract.streamUrl(streamId, `?ticket=${ticket}`)),
  };
}
