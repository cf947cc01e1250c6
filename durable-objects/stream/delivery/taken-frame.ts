// A frame that was relayed, for models, late joiners and `/frame`: nothing of it is looked into before one of them asks.
import type { PayloadMessage } from "../../../protocol/messages.ts";
import type { FrameMeta, SinkFrame } from "../sinks/frame-sinks.ts";
import { type FrameData, frameDataOf } from "./frame-data.ts";
import type { Relayed } from "./relayed.ts";

/** What the gateway knows of a frame beside what its producer sent. */
export interface FrameFacts {
  readonly streamId: string;
  readonly ownerId: string;
  readonly epoch: string;
  /** Milliseconds since 1970. */
  readonly receivedAtMs: number;
}

export class TakenFrame implements SinkFrame {
  readonly relayed: Relayed;
  readonly #message: Pick<PayloadMessage, "fields" | "payload">;
  readonly #facts: FrameFacts;
  #data: FrameData | undefined;

  constructor(relayed: Relayed, message: Pick<PayloadMessage, "fields" | "payload">, facts: FrameFacts) {
    this.relayed = relayed;
    this.#message = message;
    this.#facts = facts;
  }

  get type(): string {
    return this.relayed.type;
  }

  get meta(): FrameMeta {
    const { streamId, ownerId, epoch, receivedAtMs } = this.#facts;
    const { timestamp } = this.#message.fields;
    return {
      streamId,
      seq: this.relayed.seq,
      timestamp: typeof timestamp === "number" ? timestamp : receivedAtMs,
      contentType: this.#looked.contentType,
      ownerId,
      epoch,
    };
  }

  /** Copied or decoded anew each time; undefined where the data cannot be decoded. */
  bytes(): ArrayBuffer | undefined {
    return this.#looked.bytes();
  }

  get #looked(): FrameData {
    return (this.#data ??= frameDataOf(this.#message));
  }
}
