// What is measured: the forms and sizes of a message, to how many consumers, and the bytes of each.

export interface Cell {
  readonly form: "text" | "binary";
  /** Of the whole message, as its sender puts it on the wire. */
  readonly bytes: number;
  readonly consumers: number;
}

const KIB = 1024;
const FORMS: readonly Pick<Cell, "form" | "bytes">[] = [
  { form: "text", bytes: KIB },
  { form: "binary", bytes: KIB },
  { form: "binary", bytes: 32 * KIB },
];
const CONSUMERS = [1, 10, 100];

export const CELLS: readonly Cell[] = FORMS.flatMap(({ form, bytes }) =>
  CONSUMERS.map((consumers) => ({ form, bytes, consumers })),
);

/** The type of a camera's frames, whose lane has the most to do: newest wins, and each says what its consumer missed. */
export const TYPE = "video-frame";

const NUMBER_DIGITS = 8;
const NO_NUMBER = "0".repeat(NUMBER_DIGITS);
const DIGIT_ZERO = 48;

export function nameOf({ form, bytes, consumers }: Cell): string {
  return `${bytes / KIB} KiB ${form}, ${consumers} consumer${consumers === 1 ? "" : "s"}`;
}

/** One message whose number is written anew for each sending: both servers leave it where it is. */
export class NumberedMessage {
  readonly isBinary: boolean;
  readonly bytes: Buffer;
  readonly #numberStart: number;
  /** What must arrive as it was sent, whatever else is added to the message. */
  readonly #filler: Buffer;

  constructor({ form, bytes }: Cell) {
    this.isBinary = form === "binary";
    const head = `{"type":"${TYPE}","n":"${NO_NUMBER}"`;
    const [before, after] = this.isBinary ? [envelopePrefix(`${head}}`), ""] : [`${head},"data":"`, '"}'];
    this.#filler = Buffer.alloc(bytes - before.length - after.length, "Zm9v");
    this.bytes = Buffer.concat([Buffer.from(before, "latin1"), this.#filler, Buffer.from(after)]);
    this.#numberStart = before.indexOf(NO_NUMBER);
  }

  /** Its bytes, good until the next call; the client copies them when it masks them. */
  numbered(number: number): Buffer {
    this.bytes.write(String(number).padStart(NUMBER_DIGITS, "0"), this.#numberStart, "latin1");
    return this.bytes;
  }

  /** NaN where there is none at its place. */
  numberOf(data: Buffer): number {
    let number = 0;
    for (let index = this.#numberStart; index < this.#numberStart + NUMBER_DIGITS; index += 1) {
      const digit = (data[index] ?? NaN) - DIGIT_ZERO;
      if (!(digit >= 0 && digit <= 9)) return NaN;
      number = number * 10 + digit;
    }
    return number;
  }

  isWhole(data: Buffer): boolean {
    return data.includes(this.#filler);
  }
}

/** The first bytes of an envelope with this header; one character for each byte. */
function envelopePrefix(header: string): string {
  return String.fromCharCode(1, 0, header.length >> 8, header.length & 0xff) + header;
}
