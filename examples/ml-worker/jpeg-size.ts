// The size that a JPEG claims, read from its header: a decoder believes it, and a 22 KB file can claim 400 megapixels.

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const MARKER = 0xff;
const START_OF_IMAGE = 0xd8;
const START_OF_SCAN = 0xda;
/** ITU-T T.81 table B.1: C0 to CF start a frame, but for C4 (Huffman tables), C8 (reserved) and CC (arithmetic coding). */
const isStartOfFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
/** Markers that stand alone, without a length: RST0 to RST7 and TEM. */
const standsAlone = (marker: number): boolean => (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01;

/** Walks the segments up to the first frame header. Undefined where this is no JPEG or has none before its data. */
export function jpegSize(bytes: Uint8Array): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] !== MARKER || bytes[1] !== START_OF_IMAGE) return undefined;
  let at = 2;
  while (at + 9 <= bytes.byteLength) {
    const marker = view.getUint8(at + 1);
    if (view.getUint8(at) !== MARKER || marker === START_OF_SCAN) return undefined;
    if (marker === MARKER) at += 1; // fill bytes
    else if (standsAlone(marker)) at += 2;
    else if (isStartOfFrame(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    else at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}
