// A message on its way to consumers: stamped and serialised once, the same text or bytes for everyone.
import type { Outgoing } from "../../../connection/outgoing.ts";
import { writeEnvelope } from "../../../protocol/envelope.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { Lane } from "../../../protocol/lanes.ts";
import type { DurableStamps, Stamps } from "../../../protocol/messages.ts";
import { bytesOf } from "../../../protocol/size.ts";
import { closeStamped, openStamped } from "../../../protocol/stamp.ts";

/**
 * JSON of the fields; undefined where they are nested deeper than the stack allows (V8 throws a RangeError), or where
 * they are no plain object: a Worker may return one with a `toJSON` of its own, and stamps are written behind a field.
 */
export function fieldsToText(fields: JsonObject): string | undefined {
  if (typeof fields["toJSON"] === "function") return undefined;
  try {
    const text: unknown = JSON.stringify(fields);
    return typeof text === "string" && text.startsWith('{"') ? text : undefined;
  } catch {
    return undefined;
  }
}

export class Relayed implements Outgoing {
  readonly type: string;
  readonly lane: Lane;
  readonly seq: number;
  readonly dropped = 0;
  /** JSON with its stamps, but for the last brace; of a binary message, its header. */
  readonly #open: string;
  readonly #payload: Uint8Array<ArrayBuffer> | undefined;
  /**
   * What nearly every consumer gets: it missed nothing, or nobody knows. Other forms are not kept, since each is a copy of
   * the whole, and consumers that are behind missed each another number.
   */
  #formMissedNothing: string | ArrayBuffer | undefined;
  #formUnknown: string | ArrayBuffer | undefined;
  #bytes: number | undefined;

  private constructor(
    type: string,
    lane: Lane,
    seq: number,
    open: string,
    payload: Uint8Array<ArrayBuffer> | undefined,
  ) {
    this.type = type;
    this.lane = lane;
    this.seq = seq;
    this.#open = open;
    this.#payload = payload;
  }

  /**
   * @param fieldsText JSON of the producer's fields, without stamps
   * @param payload of a binary message
   * @returns undefined where the stamped header does not fit into an envelope
   */
  static of(
    type: string,
    lane: Lane,
    fieldsText: string,
    stamps: Stamps | (Stamps & DurableStamps),
    payload?: Uint8Array<ArrayBuffer>,
  ): Relayed | undefined {
    const relayed = new Relayed(type, lane, stamps.seq, openStamped(fieldsText, stamps), payload);
    // The longest form there can be, so that no consumer meets a header that does not fit.
    const fits =
      payload === undefined ||
      relayed.#open.length <= SURELY_FITS_CHARS ||
      writeEnvelope(relayed.#stamped(Number.MAX_SAFE_INTEGER), NO_PAYLOAD) !== undefined;
    return fits ? relayed : undefined;
  }

  /** One that was stamped before, from disk. */
  static again(type: string, seq: number, text: string, payload: Uint8Array<ArrayBuffer> | undefined): Relayed {
    return new Relayed(type, "latest", seq, text.slice(0, -1), payload);
  }

  /** JSON with its stamps; of a binary message, its header. */
  get text(): string {
    return closeStamped(this.#open);
  }

  get payload(): Uint8Array<ArrayBuffer> | undefined {
    return this.#payload;
  }

  /** What to send to a consumer that missed so many of this type; undefined says nothing of it. */
  formFor(missed: number | undefined): string | ArrayBuffer {
    if (missed === 0) return (this.#formMissedNothing ??= this.#form(0));
    if (missed === undefined) return (this.#formUnknown ??= this.#form(undefined));
    return this.#form(missed);
  }

  #form(missed: number | undefined): string | ArrayBuffer {
    const text = this.#stamped(missed);
    const form = this.#payload === undefined ? text : writeEnvelope(text, this.#payload);
    if (form === undefined) throw new Error("the header was seen to fit");
    return form;
  }

  /** What was sent need not stay in memory beside what is kept: each form is a copy of the whole. */
  forgetForms(): void {
    this.#formMissedNothing = undefined;
    this.#formUnknown = undefined;
  }

  /** Size on the wire, in bytes, give or take the digits of `dropped`. */
  get bytes(): number {
    // Text is measured only where something waits: the runtime encodes it anyway, but tells no size. One is the brace.
    this.#bytes ??= (this.#payload?.byteLength ?? 0) + bytesOf(this.#open) + 1;
    return this.#bytes;
  }

  #stamped(missed: number | undefined): string {
    return closeStamped(this.#open, this.lane === "latest" ? missed : undefined);
  }
}

const NO_PAYLOAD = new Uint8Array(0);
/** At three bytes of UTF-8 for each, and with the longest `dropped`, no header of so many is too long for an envelope. */
const SURELY_FITS_CHARS = 1024;
