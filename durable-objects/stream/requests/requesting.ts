// What is asked of a stream without a socket: the Worker that decides is asked first, and a ticket is counted.
import type { Principal } from "../../../auth/principal.ts";
import type { Fault } from "../../../protocol/fault.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { History, PageRequest } from "../alerts/history.ts";
import type { FrameView, LatestFrames } from "../frames/latest-frames.ts";
import { type Posted, postedType, type Posting } from "../messages/posting.ts";
import { ANY_RIGHT, type DelegatedAnswers, TO_READ, unknownRight, type Wish } from "../rights/delegated-answers.ts";
import type { TicketLedger } from "../rights/ticket-ledger.ts";
import type { Status, StatusView } from "./status.ts";

/** Later only where somebody has to be asked first. */
export type MaybePromise<Value> = Value | Promise<Value>;

interface Parts {
  readonly answers: Pick<DelegatedAnswers, "ask">;
  readonly tickets: Pick<TicketLedger, "admit">;
  readonly history: History;
  readonly latestFrames: Pick<LatestFrames, "view">;
  readonly status: Status;
  readonly posting: Pick<Posting, "post">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export class Requesting {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** JSON text, since a page is long and nobody here reads it. */
  readAlerts(principal: Principal, page: PageRequest): MaybePromise<string | Fault> {
    return this.#admit(principal, page.streamId, TO_READ, () => this.#parts.history.page(principal, page));
  }

  /** @param type undefined for the deployment's usual one */
  readFrame(principal: Principal, streamId: string, type: string | undefined): MaybePromise<FrameView | Fault> {
    return this.#admit(principal, streamId, TO_READ, () => this.#parts.latestFrames.view(principal, streamId, type));
  }

  readStatus(principal: Principal, streamId: string): MaybePromise<StatusView | Fault> {
    const { now, status } = this.#parts;
    return this.#admit(principal, streamId, ANY_RIGHT, () => status.view(principal, streamId, now()));
  }

  /** @param payload of a message that is not JSON alone */
  publish(
    principal: Principal,
    streamId: string,
    body: JsonObject,
    payload: Uint8Array<ArrayBuffer> | undefined,
  ): MaybePromise<Posted | Fault> {
    const { now, posting } = this.#parts;
    const type = postedType(body);
    const wishes: readonly Wish[] = type === undefined ? [] : [{ operation: "write", types: [type] }];
    return this.#admit(principal, streamId, wishes, () => posting.post(principal, streamId, body, payload, now()));
  }

  /** What must be asked first is; from then on nothing comes in between. */
  #admit<Answer>(
    principal: Principal,
    streamId: string,
    wishes: readonly Wish[],
    call: () => Answer | Fault,
  ): MaybePromise<Answer | Fault> {
    const { answers, tickets } = this.#parts;
    const asked = answers.ask(principal, streamId, wishes);
    if (asked === undefined) return tickets.admit(principal, streamId, call);
    return asked.then((isKnown) => (isKnown ? tickets.admit(principal, streamId, call) : unknownRight(undefined)));
  }
}
