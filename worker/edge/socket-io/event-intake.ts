// What a client of Socket.IO says, on its way to the stream: read as messages, acknowledged, and no faster than it may.
import { ErrorFlood } from "../../../connection/error-flood.ts";
import { type RateBounds, TokenBucket } from "../../../connection/token-bucket.ts";
import type { ErrorDetail } from "../../../protocol/answers.ts";
import type { Code } from "../../../protocol/codes.ts";
import { isFault } from "../../../protocol/fault.ts";
import { isJsonObject } from "../../../protocol/json.ts";
import { bytesOf } from "../../../protocol/size.ts";
import type { Acknowledgements } from "./acknowledgements.ts";
import { toMessage } from "./messages.ts";
import type { EventPacket } from "./packet.ts";

/** `messages`: in the stream's dialect, in order. `complaint`: the event goes nowhere, and its client is told why. */
export type Taken =
  | { readonly kind: "messages"; readonly messages: readonly (string | ArrayBuffer)[] }
  | { readonly kind: "complaint"; readonly code: Code; readonly detail: ErrorDetail };

/**
 * Less than the stream allows: what is refused here is acknowledged, and what the stream refuses it has not read, so that
 * nobody could say whose acknowledgement it is. The rest is for messages that reach it faster than they came.
 */
const BURST_S = 1.5;

export class EventIntake {
  readonly #bucket: TokenBucket;
  readonly #errors = new ErrorFlood();

  constructor(rate: RateBounds, nowMs: number) {
    this.#bucket = new TokenBucket(rate, nowMs, BURST_S);
  }

  /** @param bytes of the event with its attachments */
  take(
    event: EventPacket,
    attachment: ArrayBuffer | undefined,
    bytes: number,
    acknowledgements: Acknowledgements,
    nowMs: number,
  ): Taken {
    const { id, name, args } = event;
    const own = isJsonObject(args[0]) ? args[0]["ref"] : undefined;
    const wanted = id === undefined ? undefined : acknowledgements.want(id, String(name), own);
    const ref = isFault(wanted) ? wanted.ref : wanted?.refIfRefused;
    const message = isFault(wanted) ? wanted : toMessage(event, attachment, wanted?.ref);
    if (isFault(message)) {
      const retryAfterMs = this.#bucket.take(1 + event.attachments, bytes, nowMs);
      if (retryAfterMs > 0) return complaint("RATE_LIMITED", { retryAfterMs, ref });
      return complaint(message.code, { message: message.message, ref });
    }
    const question = isFault(wanted) ? undefined : wanted?.question;
    const messages = question === undefined ? [message] : [message, question];
    // As the stream will count them: one after the other.
    const waits = messages.map((one) => this.#bucket.take(1, bytesOf(one), nowMs));
    const retryAfterMs = Math.max(...waits);
    return retryAfterMs > 0 ? complaint("RATE_LIMITED", { retryAfterMs, ref }) : { kind: "messages", messages };
  }

  /** Counts what is no event; false where that was too fast. */
  count(messages: number, bytes: number, nowMs: number): boolean {
    return this.#bucket.take(messages, bytes, nowMs) === 0;
  }

  /** Counts a complaint; true where it was one too many. */
  isFlood(nowMs: number): boolean {
    return this.#errors.add(nowMs);
  }
}

function complaint(code: Code, detail: ErrorDetail): Taken {
  return { kind: "complaint", code, detail };
}
