// Sizes that are asked for only where they count: to measure a text costs more than to send it.
import { bytesOf } from "../protocol/size.ts";

/** A message on the wire, or all that waits. */
export interface Sized {
  readonly bytes: number;
}

/** Measured each time it is asked for, which is mostly never. */
export function sizeOf(message: string | ArrayBuffer): Sized {
  return {
    get bytes() {
      return bytesOf(message);
    },
  };
}
