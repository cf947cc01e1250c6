// One message whose number is written anew for each sending, in the pieces that its sender's dialect has for it.
import type { Cell } from "./cell.ts";

/** `native`: the messages of the gateway's own protocol. `socket-io`: its events, whose binary data is a message of its own. */
export type Dialect = "native" | "socket-io";

/** One message of a WebSocket. */
export interface Piece {
  readonly isBinary: boolean;
  readonly bytes: Buffer;
}

/** The type of a camera's frames, whose lane has the most to do: newest wins, and each says what its consumer missed. */
export const TYPE = "video-frame";
/** What stands before the number wherever the message is read, and nowhere before it. */
export const NUMBER_MARK = '"n":"';
export const NUMBER_DIGITS = 8;

const NUMBER_FIELD = `${NUMBER_MARK}${"0".repeat(NUMBER_DIGITS)}"`;
const NATIVE_HEAD = `{"type":"${TYPE}",${NUMBER_FIELD}`;
const FILLER = "Zm9v";

export class NumberedMessage {
  readonly #pieces: readonly Piece[];
  readonly #numbered: Buffer;
  readonly #numberStart: number;

  constructor(cell: Cell, dialect: Dialect) {
    this.#pieces = piecesOf(cell, dialect);
    this.#numbered = this.#pieces[0]?.bytes ?? Buffer.alloc(0);
    this.#numberStart = this.#numbered.indexOf(NUMBER_MARK) + NUMBER_MARK.length;
  }

  /** Its pieces, good until the next call; the client copies them when it masks them. */
  numbered(number: number): readonly Piece[] {
    this.#numbered.write(String(number).padStart(NUMBER_DIGITS, "0"), this.#numberStart, "latin1");
    return this.#pieces;
  }
}

/** What must arrive as it was sent, whatever else is added to the message. */
export function fillerOf({ form, bytes }: Cell): Buffer {
  const [before, after] = form === "text" ? textAround() : [envelopePrefix(`${NATIVE_HEAD}}`), ""];
  return Buffer.alloc(bytes - before.length - after.length, FILLER);
}

function piecesOf(cell: Cell, dialect: Dialect): readonly Piece[] {
  const filler = fillerOf(cell);
  const inText = ([before, after]: readonly [string, string]): readonly Piece[] => [
    { isBinary: false, bytes: Buffer.concat([Buffer.from(before), filler, Buffer.from(after)]) },
  ];
  switch (dialect) {
    case "native":
      if (cell.form === "text") return inText(textAround());
      return [
        { isBinary: true, bytes: Buffer.concat([Buffer.from(envelopePrefix(`${NATIVE_HEAD}}`), "latin1"), filler]) },
      ];
    case "socket-io":
      if (cell.form === "text") return inText([`42["${TYPE}",{${NUMBER_FIELD},"data":"`, '"}]']);
      return [
        {
          isBinary: false,
          bytes: Buffer.from(`451-["${TYPE}",{${NUMBER_FIELD},"data":{"_placeholder":true,"num":0}}]`),
        },
        { isBinary: true, bytes: filler },
      ];
  }
}

function textAround(): readonly [string, string] {
  return [`${NATIVE_HEAD},"data":"`, '"}'];
}

/** The first bytes of an envelope with this header; one character for each byte. */
function envelopePrefix(header: string): string {
  return String.fromCharCode(1, 0, header.length >> 8, header.length & 0xff) + header;
}
