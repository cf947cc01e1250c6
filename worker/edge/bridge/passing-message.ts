// A message of the object on its way through a bridge: sent as it is, unless its client missed others.
import type { Outgoing } from "../../../connection/outgoing.ts";
import { readLatestStamps, writeDropped } from "../../../protocol/dropped.ts";
import type { Lane } from "../../../protocol/lanes.ts";
import { bytesOf } from "../../../protocol/size.ts";

export class PassingMessage implements Outgoing {
  readonly type: string;
  readonly lane: Lane;
  readonly seq: number;
  readonly dropped: number;
  readonly #message: string | ArrayBuffer;

  constructor(message: string | ArrayBuffer) {
    // The object writes `dropped` on each `latest` message for a bridge, since to it a bridge has missed nothing.
    const stamps = readLatestStamps(message);
    this.lane = stamps === undefined ? "live" : "latest";
    this.type = stamps?.type ?? "";
    this.seq = stamps?.seq ?? 0;
    this.dropped = stamps?.dropped ?? 0;
    this.#message = message;
  }

  get bytes(): number {
    return bytesOf(this.#message);
  }

  /** @param missed here, beside those that it says were missed before */
  formFor(missed: number | undefined): string | ArrayBuffer {
    return missed === undefined || missed === 0 ? this.#message : writeDropped(this.#message, this.dropped + missed);
  }
}
