// Whether a client of Socket.IO is to stay away, which it must be told in a packet before its connection ends.
import { CLOSE_ERROR_FLOOD, CODES, isCode } from "../../../protocol/codes.ts";

/**
 * Who only loses its transport comes back, and asks for a fresh token first; after a DISCONNECT or CONNECT_ERROR it does not.
 * @param closeCode of its socket @param reason the code of ours that goes with it, or whatever else a stream closes with
 */
export function isFinal(closeCode: number, reason: string): boolean {
  return closeCode === CLOSE_ERROR_FLOOD || (isCode(reason) && !CODES[reason].temporary);
}
