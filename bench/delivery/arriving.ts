// What one client is sent, piece by piece: the message that is due, or part of it, or what was not asked for.
import type { Cell } from "./cell.ts";
import { type Dialect, fillerOf, NUMBER_DIGITS, NUMBER_MARK } from "./numbered-message.ts";

const NOTICE_STARTS: Readonly<Record<Dialect, readonly Buffer[]>> = {
  native: [Buffer.from('{"type":"status"')],
  // The second is the heartbeat.
  "socket-io": [Buffer.from('42["status"'), Buffer.from("2")],
};
const DIGIT_ZERO = 48;

/** `part`: the rest of the message follows. `notice`: nobody asked for it, and it may come. `other`: it may not. */
export type Arrival = "whole" | "part" | "notice" | "other";

export class Arriving {
  readonly #dialect: Dialect;
  readonly #isNumberInBinary: boolean;
  readonly #hasAttachment: boolean;
  readonly #filler: Buffer;
  /** In each message where it was in the first one: stamps are written behind it. */
  #numberStart = -1;
  #isAttachmentDue = false;

  constructor(cell: Cell, dialect: Dialect) {
    this.#dialect = dialect;
    this.#hasAttachment = dialect === "socket-io" && cell.form === "binary";
    this.#isNumberInBinary = dialect === "native" && cell.form === "binary";
    this.#filler = fillerOf(cell);
  }

  /** @param due the number of the next message */
  take(data: Buffer, isBinary: boolean, due: number): Arrival {
    if (this.#isAttachmentDue) {
      this.#isAttachmentDue = false;
      return isBinary && data.length === this.#filler.length ? "whole" : "other";
    }
    if (isBinary !== this.#isNumberInBinary || this.#numberOf(data) !== due) {
      return isNotice(this.#dialect, data) ? "notice" : "other";
    }
    this.#isAttachmentDue = this.#hasAttachment;
    return this.#hasAttachment ? "part" : "whole";
  }

  /** @param data the last piece of a message, which holds what was sent */
  isUnchanged(data: Buffer): boolean {
    return data.includes(this.#filler);
  }

  /** NaN where there is none at its place. */
  #numberOf(data: Buffer): number {
    if (this.#numberStart < 0) {
      const mark = data.indexOf(NUMBER_MARK);
      if (mark < 0) return NaN;
      this.#numberStart = mark + NUMBER_MARK.length;
    }
    let number = 0;
    for (let index = this.#numberStart; index < this.#numberStart + NUMBER_DIGITS; index += 1) {
      const digit = (data[index] ?? NaN) - DIGIT_ZERO;
      if (!(digit >= 0 && digit <= 9)) return NaN;
      number = number * 10 + digit;
    }
    return number;
  }
}

/** While the others are measured, the gateway tells everyone that frames have paused, and after it that they go on. */
export function isNotice(dialect: Dialect, data: Buffer): boolean {
  return NOTICE_STARTS[dialect].some((start) => data.subarray(0, start.length).equals(start));
}
