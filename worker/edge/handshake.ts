// What a held client says on its way to a stream: how much of it, for how long, and in order behind each decision.
import type { Authenticated } from "../../auth/authenticator.ts";
import { WaitingQueue } from "../../connection/waiting-queue.ts";
import { PING_TEXT, PONG_TEXT } from "../../protocol/answers.ts";
import type { Code } from "../../protocol/codes.ts";
import type { Lanes } from "../../protocol/lanes.ts";
import { BEFORE_AUTH_MAX_BYTES, WAITING_BEFORE_AUTH_MAX_BYTES } from "../../protocol/limits.ts";
import { splitBatch } from "../../protocol/parse.ts";
import { bytesOf } from "../../protocol/size.ts";
import type { Refusal } from "../guard.ts";
import type { Action } from "./handshake/action.ts";
import { Introduction, type IntroductionOptions } from "./handshake/introduction.ts";

export interface HandshakeOptions extends IntroductionOptions {
  readonly lanes: Lanes;
  readonly maxMessageBytes: number;
}

export class Handshake {
  readonly #introduction: Introduction;
  readonly #queue: WaitingQueue;
  readonly #maxMessageBytes: number;
  #bytesBeforeAuth = 0;

  constructor(options: HandshakeOptions) {
    this.#introduction = new Introduction(options);
    this.#queue = new WaitingQueue(options.lanes);
    this.#maxMessageBytes = options.maxMessageBytes;
  }

  /** Bytes of the messages that wait for a decision. */
  get waitingBytes(): number {
    return this.#queue.bytes + this.#introduction.waitingBytes;
  }

  /** A message of the client. Once joined, messages need not pass here any more. */
  receive(message: string | ArrayBuffer, nowMs: number): readonly Action[] {
    const { phase } = this.#introduction;
    if (phase === "over") return [];
    const bytes = bytesOf(message);
    if (phase === "unauthenticated") {
      this.#bytesBeforeAuth += bytes;
      if (this.#bytesBeforeAuth > BEFORE_AUTH_MAX_BYTES) return this.end("TOO_LARGE");
    }
    if (message === PING_TEXT) return [{ do: "tell", text: PONG_TEXT }];
    if (bytes > this.#maxMessageBytes) return this.end("TOO_LARGE");
    return this.#takeWhole(message, nowMs);
  }

  /** The word on the token of the `auth` message. */
  verified(result: Authenticated | Refusal, nowMs: number): readonly Action[] {
    return this.#goOn(this.#introduction.verified(result, nowMs), nowMs);
  }

  /** The object's word: undefined where it took the socket, else why not. */
  joined(refusal: Code | undefined, nowMs: number): readonly Action[] {
    return this.#goOn(this.#introduction.joined(refusal, nowMs), nowMs);
  }

  /** A message came faster than the rate allows, and was not looked at. */
  tooFast(retryAfterMs: number, nowMs: number): readonly Action[] {
    return this.#goOn(this.#introduction.tooFast(retryAfterMs, nowMs), nowMs);
  }

  /** The time for the step under way is over. */
  timedOut(): readonly Action[] {
    switch (this.#introduction.phase) {
      case "unauthenticated":
      case "verifying":
        return this.end("AUTH_TIMEOUT");
      case "unregistered":
      case "renewing":
      case "joining":
        return this.end("REGISTER_TIMEOUT");
      case "joined":
      case "over":
        return [];
    }
  }

  /** The holder of the socket cannot go on with it. */
  end(code: Code, closeCode?: number): readonly Action[] {
    this.#queue.drain();
    return this.#introduction.end(code, {}, closeCode);
  }

  /** The client is gone. */
  left(): void {
    this.#queue.drain();
    this.#introduction.left();
  }

  /** Behind what a step makes of it, what waited for that step; it may be waiting for another one now. */
  #goOn(actions: readonly Action[], nowMs: number): readonly Action[] {
    switch (this.#introduction.phase) {
      case "verifying":
      case "renewing":
      case "joining":
        return actions;
      case "unauthenticated":
      case "unregistered":
        return [...actions, ...this.#queue.drain().flatMap((message) => this.#takeWhole(message, nowMs))];
      case "joined":
        return [...actions, ...this.#queue.drain().map((message) => ({ do: "forward", message }) as const)];
      case "over":
        this.#queue.drain();
        return actions;
    }
  }

  /** A text with all its messages. What must wait does so whole: a part of a text would keep all of it in memory. */
  #takeWhole(message: string | ArrayBuffer, nowMs: number): readonly Action[] {
    if (this.#waitingMaxBytes !== undefined) return this.#take(message, nowMs);
    // A text of too many messages stays one, which is then found to be bad.
    const items = (typeof message === "string" ? splitBatch(message) : undefined) ?? [message];
    return items.flatMap((item) => this.#take(item, nowMs));
  }

  /** One message; each may begin a decision that the next of the same text has to wait for. */
  #take(message: string | ArrayBuffer, nowMs: number): readonly Action[] {
    const maxBytes = this.#waitingMaxBytes;
    if (maxBytes === undefined) return this.#introduction.hear(message, nowMs);
    return this.#queue.add(message, maxBytes) === "overflow" ? this.end("TOO_LARGE") : [];
  }

  /** How much may wait for the decision that is under way; undefined where none is. */
  get #waitingMaxBytes(): number | undefined {
    switch (this.#introduction.phase) {
      case "verifying":
        return WAITING_BEFORE_AUTH_MAX_BYTES;
      case "renewing":
      case "joining":
        return this.#maxMessageBytes;
      case "unauthenticated":
      case "unregistered":
      case "joined":
      case "over":
        return undefined;
    }
  }
}
