// What waits in this isolate for all the sockets that it holds together.
import type { Total } from "../../connection/outbox.ts";

/**
 * A socket's own backlog can only be read in the context of its own request (the runtime throws otherwise), so each
 * holder reports what it last saw, and the sum is of reports.
 */
export class EdgeMemory implements Total {
  readonly #reports = new Map<object, number>();
  #totalBytes = 0;

  get bytes(): number {
    return this.#totalBytes;
  }

  /** Each holder reports what waits for it after it sent. */
  add(): void {}

  report(holder: object, bytes: number): void {
    this.#totalBytes += bytes - (this.#reports.get(holder) ?? 0);
    if (bytes === 0) this.#reports.delete(holder);
    else this.#reports.set(holder, bytes);
  }
}
