// JPEG to pixels, behind a size check: wasm memory never shrinks, and a decoder obeys whatever size a header claims.
import decoderWasm from "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm";
import decodeJpeg, { init } from "@jsquash/jpeg/decode.js";
import { jpegSize } from "./jpeg-size.ts";

export interface Picture {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** 1920×1080 and some: eight bytes a pixel while decoding stay far below an isolate's 128 MB. */
const PIXELS_MAX = 2_500_000;

let ready: Promise<void> | undefined;

/** Undefined where this is no JPEG, one that is too large, or one that is broken. */
export async function decode(bytes: ArrayBuffer): Promise<Picture | undefined> {
  const size = jpegSize(new Uint8Array(bytes));
  if (size === undefined || size.width * size.height > PIXELS_MAX) return undefined;
  await (ready ??= init(decoderWasm));
  try {
    return await decodeJpeg(bytes);
  } catch {
    return undefined; // the decoder throws an ExitStatus that is no Error; it stays usable
  }
}
