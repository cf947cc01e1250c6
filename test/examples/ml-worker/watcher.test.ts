// What the detector takes for motion, and how often it says so.
import { describe, expect, test } from "vitest";
import { BLOCK_PIXELS, type LumaGrid, lumaGrid } from "../../../examples/ml-worker/luma-grid.ts";
import { findMotion } from "../../../examples/ml-worker/motion.ts";
import { Watcher } from "../../../examples/ml-worker/watcher.ts";

/** A grid of 10 by 6 blocks, grey, with some blocks of another brightness. */
function grid(changes: Record<number, number> = {}, columns = 10): LumaGrid {
  const blocks = new Float32Array(60).fill(100);
  for (const [index, luma] of Object.entries(changes)) blocks[Number(index)] = luma;
  return { columns, rows: 60 / columns, blocks };
}

const STILL = grid();
const MOVED = grid({ 12: 200, 34: 20 });

describe("brightness", () => {
  test("of a block is the mean of its pixels, and a rest at the edge is left out", () => {
    const width = BLOCK_PIXELS + 3;
    const pixels = new Uint8ClampedArray(width * BLOCK_PIXELS * 4);
    for (let at = 0; at < pixels.length; at += 4)
      pixels.set((at / 4) % width < 8 ? [200, 200, 200, 255] : [0, 0, 0, 255], at);
    expect(lumaGrid(pixels, width, BLOCK_PIXELS)).toEqual({ columns: 1, rows: 1, blocks: new Float32Array([100]) });
  });
});

describe("motion", () => {
  test("is the region around all blocks that changed, in pixels", () => {
    expect(findMotion(STILL, MOVED)).toEqual({ region: { x: 32, y: 16, width: 48, height: 48 }, changedBlocks: 2 });
  });

  test("is not a single block, nor noise in all of them", () => {
    expect(findMotion(STILL, grid({ 12: 200 }))).toBeUndefined();
    const noise = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [index, 105]));
    expect(findMotion(STILL, grid(noise))).toBeUndefined();
  });

  test("is not a picture of another size", () => {
    expect(findMotion(STILL, grid({ 12: 200, 34: 20 }, 6))).toBeUndefined();
  });
});

describe("an alert", () => {
  test("names the frame that moved and the one that it was compared with", () => {
    const watcher = new Watcher();
    expect(watcher.look("a", STILL, 1000)).toBeUndefined();
    expect(watcher.look("a", MOVED, 1100)).toMatchObject({ type: "alert", timestamp: 1100, comparedWith: 1000 });
  });

  test("is not raised for a stream's first picture, nor by another stream's pictures", () => {
    const watcher = new Watcher();
    watcher.look("a", STILL, 1000);
    expect(watcher.look("b", MOVED, 1100)).toBeUndefined();
  });

  test("is raised once a second while the motion lasts", () => {
    const watcher = new Watcher();
    const alerts = Array.from({ length: 25 }, (_, index) =>
      watcher.look("a", index % 2 === 0 ? STILL : MOVED, index * 100),
    );
    expect(alerts.filter((alert) => alert !== undefined).map((alert) => alert.timestamp)).toEqual([100, 1100, 2100]);
  });

  test("is not raised against a picture from long ago", () => {
    const watcher = new Watcher();
    watcher.look("a", STILL, 1000);
    expect(watcher.look("a", MOVED, 4000)).toBeUndefined();
  });

  test("is raised again where the camera's clock stepped back", () => {
    const watcher = new Watcher();
    watcher.look("a", STILL, 1_000_000);
    watcher.look("a", MOVED, 1_000_100);
    watcher.look("a", STILL, 1000);
    expect(watcher.look("a", MOVED, 1100)).toBeDefined();
  });

  test("costs memory for a thousand streams and no more", () => {
    const watcher = new Watcher();
    for (let index = 0; index <= 1000; index += 1) watcher.look(`stream ${index}`, STILL, 1000);
    expect(watcher.look("stream 0", MOVED, 1100)).toBeUndefined();
    expect(watcher.look("stream 1000", MOVED, 1100)).toBeDefined();
  });
});
