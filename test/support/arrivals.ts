// What arrives at a client, in its order: each thing is awaited, never slept for, and handed out once.

const PATIENCE_MS = 10_000;

export class Arrivals<Thing> {
  readonly #things: Thing[] = [];
  /** Those that wait, the first first. */
  readonly #waiting = new Set<() => void>();

  add(thing: Thing): void {
    this.#things.push(thing);
    for (const look of this.#waiting) look();
  }

  /** The next one that is wanted; the others stay for others. @param what for the message where none comes */
  next(what: string, isWanted: (thing: Thing) => boolean = () => true): Promise<Thing> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`${what} did not come; unread: ${JSON.stringify(this.#things).slice(0, 500)}`));
      }, PATIENCE_MS);
      const look = (): void => {
        const index = this.#things.findIndex(isWanted);
        const [found] = index < 0 ? [] : this.#things.splice(index, 1);
        if (found === undefined) return;
        clearTimeout(patience);
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Those that nobody asked for. */
  get unread(): readonly Thing[] {
    return this.#things;
  }
}
