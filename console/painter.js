// Draws the newest picture; one that is overtaken before its turn is never decoded.

export class Painter {
  #canvas;
  #pen;
  /** @type {Blob | undefined} */
  #next;
  #busy = false;
  /** Counts the clearings: a picture that was being decoded then is nobody's any more. */
  #clearings = 0;
  #failed;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(why: string) => void} failed
   */
  constructor(canvas, failed) {
    this.#canvas = canvas;
    this.#pen = canvas.getContext("2d");
    this.#failed = failed;
    // What arrived while nobody looked waits until somebody does.
    document.addEventListener("visibilitychange", () => void this.#work());
  }

  /** @param {Blob} picture */
  draw(picture) {
    this.#next = picture;
    void this.#work();
  }

  clear() {
    this.#next = undefined;
    this.#clearings += 1;
    this.#canvas.hidden = true;
  }

  async #work() {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#next !== undefined && !document.hidden) {
      const picture = this.#next;
      const clearings = this.#clearings;
      this.#next = undefined;
      // oxlint-disable-next-line no-await-in-loop -- one at a time, so that the newest one overtakes
      const bitmap = await createImageBitmap(picture).catch(() => undefined);
      if (bitmap === undefined) this.#failed("Frames that cannot be decoded");
      else if (clearings === this.#clearings) this.#show(bitmap);
      else bitmap.close();
    }
    this.#busy = false;
  }

  /** @param {ImageBitmap} bitmap */
  #show(bitmap) {
    const { width, height } = bitmap;
    const canvas = this.#canvas;
    // Setting a size clears the canvas, which would flicker where it stays the same.
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    this.#pen?.drawImage(bitmap, 0, 0);
    bitmap.close(); // its memory is not the garbage collector's
    canvas.hidden = false;
  }
}
