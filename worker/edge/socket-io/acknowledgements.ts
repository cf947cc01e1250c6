// Acknowledgements of Socket.IO: each travels as the `ref` of its message, so that nothing is kept for those that fail to come.
import { pingText, successText } from "../../../protocol/answers.ts";
import { type Fault, fault } from "../../../protocol/fault.ts";
import { type JsonObject, parseJson } from "../../../protocol/json.ts";
import { type Lanes, laneOf } from "../../../protocol/lanes.ts";
import { REF_MAX_CHARS } from "../../../protocol/limits.ts";
import type { Ref } from "../../../protocol/messages.ts";

/**
 * `:` the stream answers in any case. `!` it answers only what it refuses. `?` a ping behind such a message: answers come in
 * order, so the pong says that it was not refused. Behind it the client's own `ref`, as JSON.
 */
const REF = /^ack([:!?])(\d{1,16})(?: (.*))?$/s;
/** What the stream answers of its own accord, beside durable messages. */
const ANSWERED: ReadonlySet<string> = new Set(["auth", "register", "ping"]);
/** The stream answers in order, so hardly ever is more than one refused and not asked after. */
const REFUSED_MAX = 64;

export interface Wanted {
  readonly ref: string;
  /** In its place where the message is refused here, and nothing follows it. */
  readonly refIfRefused: string;
  /** Text of the message that is to follow the first; undefined where that is answered anyway. */
  readonly question: string | undefined;
}

export interface Acknowledgement {
  readonly id: number;
  /** JSON of its one argument. */
  readonly answerText: string;
}

function isRef(value: unknown): value is Ref {
  return typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
}

export class Acknowledgements {
  readonly #lanes: Lanes;
  /** Those that were answered as refused and whose pong has not come. */
  readonly #refused = new Set<number>();

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  /** @param own what the message itself wants to have repeated */
  want(id: number, type: string, own: unknown): Wanted | Fault {
    if (own !== undefined && !isRef(own)) return fault("BAD_MESSAGE", "`ref` is a number or a string", `ack:${id}`);
    const behind = own === undefined ? String(id) : `${id} ${JSON.stringify(own)}`;
    if (behind.length + "ack:".length > REF_MAX_CHARS) {
      return fault("BAD_MESSAGE", "`ref` is too long beside an acknowledgement", `ack:${id}`);
    }
    const isAnswered = ANSWERED.has(type) || laneOf(type, this.#lanes) === "durable";
    const refIfRefused = `ack:${behind}`;
    return isAnswered
      ? { ref: refIfRefused, refIfRefused, question: undefined }
      : { ref: `ack!${behind}`, refIfRefused, question: pingText(`ack?${behind}`) };
  }

  /**
   * What an answer of the stream acknowledges. `nothing`: it was acknowledged before; undefined: the answer is an event.
   */
  of({ ref, ...answer }: JsonObject): Acknowledgement | "nothing" | undefined {
    const [, form, idText, ownText] = (typeof ref === "string" ? REF.exec(ref) : null) ?? [];
    if (form === undefined) return undefined;
    const id = Number(idText);
    const own = ownText === undefined ? undefined : parseJson(ownText)?.value;
    if (form === "?") {
      return this.#refused.delete(id)
        ? "nothing"
        : { id, answerText: successText("Sent", isRef(own) ? own : undefined) };
    }
    if (form === "!" && this.#refused.size < REFUSED_MAX) this.#refused.add(id);
    return { id, answerText: JSON.stringify({ ...answer, ref: own }) };
  }
}
