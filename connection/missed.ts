// How many messages of each type a consumer missed since its last one, as far as anybody knows.

export class Missed {
  readonly #counts = new Map<string, number>();
  /** What counts as missed of a type that was never sent: nothing, or nobody knows, as after a sleep. */
  #atFirst: 0 | undefined;

  constructor(atFirst: 0 | undefined) {
    this.#atFirst = atFirst;
  }

  /** Whether no type has a count of its own. */
  get isUncounted(): boolean {
    return this.#counts.size === 0;
  }

  /** Undefined where nobody knows. */
  of(type: string): number | undefined {
    return this.#counts.get(type) ?? this.#atFirst;
  }

  /** So many more. */
  add(type: string, count: number): void {
    const missed = this.of(type);
    // An unknown number and one more stays unknown.
    if (missed !== undefined) this.#counts.set(type, missed + count);
  }

  /** One was sent, and said what was missed before. */
  sent(type: string): void {
    if (this.#atFirst === 0) this.#counts.delete(type);
    else this.#counts.set(type, 0);
  }

  /** Nothing was, and that is known. */
  restart(): void {
    this.#counts.clear();
    this.#atFirst = 0;
  }
}
