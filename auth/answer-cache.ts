// Remembers for a few seconds what the auth server said of a token, and lets those who ask at once share one question.
import { BoundedMap } from "./bounded-map.ts";
import type { AuthServerAnswer } from "./ports.ts";

interface Entry<Answer> {
  readonly answer: Promise<Answer>;
  /** From then on the entry counts as absent; a question still open then will not be answered any more. */
  endsAtMs: number;
}

/** How long an answer is taken for true. A sign-out is noticed by new connections after at most this. */
const ANSWER_LIFE_MS = 5000;
/** Entries kept; the oldest gives way. */
const ENTRIES_MAX = 1000;

export class AnswerCache<Answer extends { readonly kind: AuthServerAnswer["kind"] } = AuthServerAnswer> {
  readonly #entries = new BoundedMap<string, Entry<Answer>>(ENTRIES_MAX);
  readonly #sessionLifeMs: number;

  /** @param sessionLifeMs how long the word that there is a session counts; that there is none is always asked soon again */
  constructor(sessionLifeMs = ANSWER_LIFE_MS) {
    this.#sessionLifeMs = sessionLifeMs;
  }

  /** @param hash never the token itself: memory is read in dumps */
  async get(hash: string, nowMs: number, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.#entries.get(hash);
    if (known !== undefined && nowMs < known.endsAtMs) return known.answer;
    const answer = ask();
    const entry = { answer, endsAtMs: nowMs + ANSWER_LIFE_MS };
    this.#entries.set(hash, entry);
    const { kind } = await answer;
    if (kind === "session") entry.endsAtMs = nowMs + this.#sessionLifeMs;
    // A trouble that passes is never an entry; who asked meanwhile still shares it.
    if (kind === "unavailable" && this.#entries.get(hash) === entry) this.#entries.delete(hash);
    return answer;
  }
}
