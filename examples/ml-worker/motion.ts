// Finds motion between two pictures: which blocks changed, and the region around them.
import { BLOCK_PIXELS, type LumaGrid } from "./luma-grid.ts";

/** In pixels of the frame, from its top left corner. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Motion {
  readonly region: Region;
  readonly changedBlocks: number;
}

/** A block has changed where its brightness moved by more than this, of 255; a quiet lawn moves by less than 2. */
const BLOCK_THRESHOLD = 12;
/** A single block may be an insect or a flaw of compression. */
const CHANGED_BLOCKS_MIN = 2;

/** Undefined where nothing moved, or where the pictures are not of one size. */
export function findMotion(before: LumaGrid, after: LumaGrid): Motion | undefined {
  if (before.columns !== after.columns || before.rows !== after.rows) return undefined;
  let [left, top, right, bottom] = [after.columns, after.rows, -1, -1];
  let changedBlocks = 0;
  after.blocks.forEach((luma, index) => {
    if (Math.abs(luma - (before.blocks[index] ?? luma)) <= BLOCK_THRESHOLD) return;
    const column = index % after.columns;
    const row = Math.floor(index / after.columns);
    changedBlocks += 1;
    left = Math.min(left, column);
    right = Math.max(right, column);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
  });
  if (changedBlocks < CHANGED_BLOCKS_MIN) return undefined;
  const region = {
    x: left * BLOCK_PIXELS,
    y: top * BLOCK_PIXELS,
    width: (right - left + 1) * BLOCK_PIXELS,
    height: (bottom - top + 1) * BLOCK_PIXELS,
  };
  return { region, changedBlocks };
}
