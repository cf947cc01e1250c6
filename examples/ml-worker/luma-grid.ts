// A picture made small enough to compare: the mean brightness of each block of pixels.

/** Pixels along one side of a block; averaging this many takes out the noise of camera and compression. */
export const BLOCK_PIXELS = 16;

export interface LumaGrid {
  readonly columns: number;
  readonly rows: number;
  /** Mean brightness of each block, 0 to 255, row by row. */
  readonly blocks: Float32Array;
}

/** @param pixels RGBA, four bytes a pixel; a rest narrower than a block at the right and bottom edge is left out */
export function lumaGrid(pixels: Uint8ClampedArray, width: number, height: number): LumaGrid {
  const columns = Math.floor(width / BLOCK_PIXELS);
  const rows = Math.floor(height / BLOCK_PIXELS);
  const sums = new Float32Array(columns * rows);
  for (let y = 0; y < rows * BLOCK_PIXELS; y += 1) {
    const rowStart = Math.floor(y / BLOCK_PIXELS) * columns;
    for (let x = 0; x < columns * BLOCK_PIXELS; x += 1) {
      const at = (y * width + x) * 4;
      // ITU-R BT.601, in 256ths. The indices are inside by construction; the fallbacks only satisfy the type.
      const luma = (77 * (pixels[at] ?? 0) + 150 * (pixels[at + 1] ?? 0) + 29 * (pixels[at + 2] ?? 0)) / 256;
      const block = rowStart + Math.floor(x / BLOCK_PIXELS);
      sums[block] = (sums[block] ?? 0) + luma;
    }
  }
  return { columns, rows, blocks: sums.map((sum) => sum / BLOCK_PIXELS ** 2) };
}
