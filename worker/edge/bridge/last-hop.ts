// The last hop to a client whose socket the Worker holds: what waits there is out of the object's sight.
import type { Link } from "../../../connection/backlog.ts";
import { Credits } from "../../../connection/credits.ts";
import { type Look, Outbox, type OutboxBounds, type Outcome, type Total } from "../../../connection/outbox.ts";
import { sizeOf } from "../../../connection/sized.ts";
import { PassingMessage } from "./passing-message.ts";

export class LastHop {
  readonly #outbox: Outbox;
  /** What waits in this isolate. */
  readonly #total: Total;

  /** @param bounds of one client, and of all that the isolate holds together */
  constructor(link: Link, bounds: OutboxBounds, total: Total) {
    this.#total = total;
    this.#outbox = new Outbox({ link, bounds, missedAtFirst: 0, dropped: () => undefined });
  }

  /** Bytes of the frames that wait here, beside those that wait at the socket. */
  get waitingBytes(): number {
    return this.#outbox.waitingBytes;
  }

  /** A word of the gateway's own. */
  tell(text: string, nowMs: number): Outcome {
    return this.#outbox.tell(sizeOf(text), text, this.#total, nowMs);
  }

  /** A message of the object. */
  pass(message: string | ArrayBuffer, nowMs: number): Outcome {
    // Nearly every message: nobody waits and nobody missed anything, so it is not even looked at.
    return this.#outbox.pass(message, sizeOf(message), this.#total, nowMs) ?? this.#offer(message, nowMs);
  }

  /** The client registered. @param window its credits; undefined where it acknowledges nothing */
  registered(window: number | undefined): void {
    this.#outbox.restart();
    this.#outbox.agree(window === undefined ? undefined : new Credits(window), false);
  }

  /** The object sends a client that takes batches several messages in one text, and they may be of several lanes. */
  #offer(message: string | ArrayBuffer, nowMs: number): Outcome {
    let outcome: Outcome = "sent";
    for (const one of typeof message === "string" ? message.split("\n") : [message]) {
      const next = this.#outbox.offer(new PassingMessage(one), this.#total, nowMs);
      if (next === "overflow" || next === "broken") return next;
      if (next === "waits" || (next === "awaits-credit" && outcome === "sent")) outcome = next;
    }
    return outcome;
  }

  acknowledge(seq: number): void {
    this.#outbox.acknowledge(seq);
  }

  look(nowMs: number): Look {
    return this.#outbox.look(this.#total, nowMs);
  }

  /** The client is told to go: no frame waits for it any more. */
  forget(): void {
    this.#outbox.forget();
  }
}
