// Counts what arrives, and shows it once a second: frames and data of the last seconds, and all that were dropped.
import { element } from "./element.js";

/** Rates are of the last so many seconds, so that a stream of one frame a second does not flicker. */
const SECONDS = 3;

export class Counters {
  #rate = element("frames-per-second", HTMLElement);
  #data = element("data-rate", HTMLElement);
  #droppedShown = element("dropped", HTMLElement);
  /** @type {{ frames: number, bytes: number }[]} the current second first */
  #seconds = [];
  #dropped = 0;

  /** @returns {boolean} whether a frame came within the last seconds */
  get areFramesComing() {
    return this.#seconds.some(({ frames }) => frames > 0);
  }

  clear() {
    this.#seconds = [{ frames: 0, bytes: 0 }];
    this.#dropped = 0;
    this.#show();
  }

  /**
   * @param {number} bytes
   * @param {unknown} dropped how many frames the gateway left out before this one
   */
  noteFrame(bytes, dropped) {
    const [current] = this.#seconds;
    if (current !== undefined) {
      current.frames += 1;
      current.bytes += bytes;
    }
    if (typeof dropped === "number") this.#dropped += dropped;
  }

  /** A second is over. */
  tick() {
    this.#show();
    this.#seconds = [{ frames: 0, bytes: 0 }, ...this.#seconds.slice(0, SECONDS - 1)];
  }

  #show() {
    const sum = { frames: 0, bytes: 0 };
    for (const { frames, bytes } of this.#seconds) {
      sum.frames += frames;
      sum.bytes += bytes;
    }
    const seconds = Math.max(1, this.#seconds.length);
    this.#rate.textContent = (sum.frames / seconds).toFixed(1);
    this.#data.textContent = `${Math.round(sum.bytes / seconds / 1024)} KB/s`;
    this.#droppedShown.textContent = String(this.#dropped);
  }
}
