// Remembers for a few seconds what somebody else said, and lets those who ask at once share one question.
import { BoundedMap } from "./bounded-map.ts";

interface Entry<Answer> {
  readonly answer: Promise<Answer>;
  /** From then on the entry counts as absent; a question still open then will not be answered any more. */
  endsAtMs: number;
}

/** Entries kept; the oldest gives way. */
const ENTRIES_MAX = 1000;

/** An answer of the kind `unavailable` is none: it is never remembered. */
export class AnswerCache<Answer extends { readonly kind: string }> {
  readonly #entries = new BoundedMap<string, Entry<Answer>>(ENTRIES_MAX);
  readonly #answerLifeMs: number;
  readonly #sessionLifeMs: number;

  /**
   * @param answerLifeMs how long an answer is taken for true; 0 asks each time
   * @param sessionLifeMs how long the word that there is a session is; that there is none is always asked soon again
   */
  constructor(answerLifeMs: number, sessionLifeMs = answerLifeMs) {
    this.#answerLifeMs = answerLifeMs;
    this.#sessionLifeMs = sessionLifeMs;
  }

  /** @param key never a token itself, but its hash: memory is read in dumps */
  async get(key: string, nowMs: number, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.#entries.get(key);
    if (known !== undefined && nowMs < known.endsAtMs) return known.answer;
    const answer = ask();
    const entry = { answer, endsAtMs: nowMs + this.#answerLifeMs };
    this.#entries.set(key, entry);
    const { kind } = await answer;
    if (kind === "session") entry.endsAtMs = nowMs + this.#sessionLifeMs;
    // A trouble that passes is never an entry; who asked meanwhile still shares it.
    if (kind === "unavailable" && this.#entries.get(key) === entry) this.#entries.delete(key);
    return answer;
  }
}
