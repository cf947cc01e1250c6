// Who may come into a stream: why an upgrade is refused, and who gives way to a newcomer where it is full.
import { decide } from "../../../auth/policy.ts";
import type { Principal } from "../../../auth/principal.ts";
import { subjectOf } from "../../../auth/revocation.ts";
import type { Handoff } from "../../../connection/handoff.ts";
import type { Code } from "../../../protocol/codes.ts";
import type { Leaving } from "../members/leaving.ts";
import type { Member } from "../members/member.ts";
import type { StreamParts } from "../parts.ts";
import { ANY_RIGHT, type DelegatedAnswers } from "../rights/delegated-answers.ts";
import type { TicketLedger } from "../rights/ticket-ledger.ts";
import type { Arriving } from "./arriving.ts";
import type { Revoking } from "./revoking.ts";

interface Parts extends Pick<StreamParts, "access" | "config" | "roster"> {
  readonly answers: DelegatedAnswers;
  readonly arriving: Arriving;
  readonly leaving: Leaving;
  readonly revoking: Pick<Revoking, "hasRevoked">;
  readonly tickets: Pick<TicketLedger, "faultOf">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export class Entering {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Asks others about a connection that might come in, the user's object last; a code refuses the upgrade. Whatever this finds may have
   * changed by the time it answers, but for the user's object: `admission` decides, in one step with the joining.
   */
  async arrive(handoff: Handoff): Promise<Code | undefined> {
    const asked = this.#parts.answers.ask(handoff.principal, handoff.streamId, ANY_RIGHT);
    if (asked !== undefined && !(await asked)) return "OVERLOADED";
    return this.#refusal(handoff) ?? (await this.#parts.arriving.ask(handoff));
  }

  /** Whether a verified principal may come in at all; a code refuses the upgrade. */
  admission(handoff: Handoff): Code | undefined {
    const { arriving, leaving } = this.#parts;
    const refusal = this.#refusal(handoff) ?? (arriving.isOff(handoff.connectionId) ? "CONNECTION_LIMIT" : undefined);
    if (refusal !== undefined) arriving.ended(handoff.connectionId);
    else if (this.#isFull && this.#stranger !== undefined) leaving.expel(this.#stranger, "UNAUTHORIZED");
    return refusal;
  }

  #refusal({ streamId, principal, issuedAtS }: Handoff): Code | undefined {
    const wrongTicket = this.#parts.tickets.faultOf(principal, streamId);
    if (wrongTicket !== undefined) return wrongTicket.code;
    const subject = subjectOf({ principal, issuedAtS });
    if (subject !== undefined && this.#parts.revoking.hasRevoked(subject, this.#parts.now())) return "SESSION_REVOKED";
    if (!this.#hasAnyRight(streamId, principal)) return "UNAUTHORIZED";
    return this.#isFull && this.#stranger === undefined ? "STREAM_FULL" : undefined;
  }

  get #isFull(): boolean {
    return this.#parts.roster.places >= this.#parts.config.maxMembers;
  }

  /** Who waited for a stream that somebody else then claimed is still connected, and gives way to who may be here. */
  get #stranger(): Member | undefined {
    return this.#parts.roster.members.find((member) => this.#isStranger(member));
  }

  #isStranger({ principal, streamId }: Member): boolean {
    return this.#parts.answers.knows(principal, ANY_RIGHT) && !this.#hasAnyRight(streamId, principal);
  }

  #hasAnyRight(streamId: string, principal: Principal): boolean {
    const facts = this.#parts.access.factsOf(streamId);
    return decide(principal, "read", facts) !== "deny" || decide(principal, "write", facts) !== "deny";
  }
}
