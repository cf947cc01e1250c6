// The bound between a bridge and its client: the object cannot see what waits here, so the bridge decides what gives way.
import { admit, type OutboxBounds } from "../../connection/outbox.ts";
import { readDropped, readType, writeDropped } from "../../protocol/dropped.ts";
import { bytesOf } from "../../protocol/size.ts";

export type Verdict =
  | { readonly kind: "send"; readonly message: string | ArrayBuffer }
  | { readonly kind: "skip" }
  | { readonly kind: "close" };

export class LastHop {
  readonly #bounds: OutboxBounds;
  /** `latest` messages that this client missed, by type, and was not told of yet. */
  readonly #missed = new Map<string, number>();

  /** @param bounds of one client, and of all that the isolate holds together */
  constructor(bounds: OutboxBounds) {
    this.#bounds = bounds;
  }

  /**
   * @param waiting bytes that wait for this client
   * @param totalWaiting bytes that wait in this isolate
   */
  judge(message: string | ArrayBuffer, waiting: number, totalWaiting: () => number): Verdict {
    // Nearly every message: nobody waits and nobody missed anything, so it is not even looked at.
    if (waiting === 0 && this.#missed.size === 0) return { kind: "send", message };
    // On each `latest` message for a bridge, also after a sleep, since to the object a bridge has missed nothing.
    const dropped = readDropped(message);
    const lane = dropped === undefined ? "live" : "latest";
    const admission = admit(lane, waiting, () => bytesOf(message), totalWaiting, this.#bounds);
    if (admission === "close") return { kind: "close" };
    if (dropped === undefined) return { kind: "send", message };
    const type = readType(message) ?? "";
    const missed = (this.#missed.get(type) ?? 0) + dropped;
    if (admission === "skip") {
      this.#missed.set(type, missed + 1);
      return { kind: "skip" };
    }
    this.#missed.delete(type);
    return { kind: "send", message: missed === dropped ? message : writeDropped(message, missed) };
  }
}
