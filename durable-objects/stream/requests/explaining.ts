// Tells an operator by which rule somebody may or may not do something here. It asks those who decide, and changes nothing.
import { type AccessList, NO_ACCESS, readRule, writableBy } from "../../../auth/access-list.ts";
import { judge, type Judgement, NOBODY, ownerOf, type StreamPolicy } from "../../../auth/policy.ts";
import type { Operation, Principal } from "../../../auth/principal.ts";
import type { Access } from "../rights/access.ts";
import type { DelegatedAnswers, Wish } from "../rights/delegated-answers.ts";
import type { TicketLedger } from "../rights/ticket-ledger.ts";

/** Who would do what. */
export interface ExplainQuestion {
  readonly streamId: string;
  readonly operation: Operation;
  /** All of which are to be written; none at all asks for any right. */
  readonly types: readonly string[];
  /** Undefined where the credential was refused: then there is nobody to decide about. */
  readonly principal: Principal | undefined;
}

/** What the decision was made of. */
export interface ExplainFacts {
  readonly policy: StreamPolicy;
  /** Null where nobody owns. */
  readonly owner: string | null;
  /** Milliseconds since 1970; null where nobody has made the stream. */
  readonly createdAt: number | null;
  readonly epoch: string;
  readonly public: boolean;
  /** What the access list says of the principal; null where there is none, and for a ticket. */
  readonly listed: { readonly reads: boolean; readonly writes: readonly string[] } | null;
}

export interface Explanation {
  readonly judgement: Judgement;
  readonly facts: ExplainFacts;
}

interface Parts {
  readonly access: Access;
  readonly answers: DelegatedAnswers;
  readonly tickets: Pick<TicketLedger, "faultOf">;
}

const REFUSED: Judgement = { decision: "deny", rule: "credential-refused" };
const UNREACHABLE: Judgement = { decision: "deny", rule: "delegate-unreachable" };
const USED_UP: Judgement = { decision: "deny", rule: "ticket-used-up" };

export class Explaining {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  explain(question: ExplainQuestion): Explanation | Promise<Explanation> {
    const { principal, streamId, operation, types } = question;
    if (principal === undefined) return { judgement: REFUSED, facts: this.#factsOf(streamId, undefined) };
    const wish: Wish = { operation, types: operation === "write" ? types : [] };
    const asked = this.#parts.answers.ask(principal, streamId, [wish]);
    if (asked === undefined) return this.#explain(principal, streamId, wish, true);
    return asked.then((isKnown) => this.#explain(principal, streamId, wish, isKnown));
  }

  #explain(principal: Principal, streamId: string, wish: Wish, isKnown: boolean): Explanation {
    const facts = this.#factsOf(streamId, principal);
    return { judgement: isKnown ? this.#judge(principal, streamId, wish) : UNREACHABLE, facts };
  }

  #judge(principal: Principal, streamId: string, { operation, types }: Wish): Judgement {
    const { access, tickets } = this.#parts;
    const judgement = judge(principal, operation, access.factsOf(streamId), types);
    // A ticket that is of this stream's life is refused before what stands on it is looked at.
    const isUsedUp = judgement.rule === "ticket" && tickets.faultOf(principal, streamId) !== undefined;
    return isUsedUp ? USED_UP : judgement;
  }

  #factsOf(streamId: string, principal: Principal | undefined): ExplainFacts {
    const { access } = this.#parts;
    const facts = access.factsOf(streamId);
    const owner = ownerOf(facts) ?? NOBODY;
    return {
      policy: facts.policy,
      owner: owner === NOBODY ? null : owner,
      createdAt: access.claim?.createdAtMs ?? null,
      epoch: access.claim?.epoch ?? "",
      public: access.list?.public ?? false,
      listed: principal === undefined || principal.kind === "ticket" ? null : listedAs(principal, access.list),
    };
  }
}

function listedAs({ userId }: Principal, list: AccessList = NO_ACCESS): ExplainFacts["listed"] {
  return { reads: readRule(list, userId) === "access-list-reader", writes: writableBy(list, userId) };
}
