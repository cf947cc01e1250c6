// Whether the model was right: alerts belong to the moving part of the clip, none to the still one.
import { FIRST_MOVING_FRAME } from "./clip.ts";

/** One frame as it was sent: which pass through the clip, which frame of it. */
export interface SentFrame {
  readonly pass: number;
  readonly index: number;
}

export type Judgement = "moving" | "still" | "not-judged";

/** Keeps the books of one run. Alerts name frames by the time that the producer gave them. */
export class Judge {
  readonly #sent = new Map<number, SentFrame>();
  readonly #counts: Record<Judgement, number> = { moving: 0, still: 0, "not-judged": 0 };

  /** @param timestamp unique for each frame, in milliseconds since 1970 */
  noteSent(timestamp: number, frame: SentFrame): void {
    this.#sent.set(timestamp, frame);
  }

  /** A frame compared with one of the pass before shows a cut, not motion; nobody is blamed for that. */
  noteAlert(timestamp: unknown, comparedWith: unknown): Judgement {
    const frame = typeof timestamp === "number" ? this.#sent.get(timestamp) : undefined;
    const before = typeof comparedWith === "number" ? this.#sent.get(comparedWith) : undefined;
    const judgement = judge(frame, before);
    this.#counts[judgement] += 1;
    return judgement;
  }

  /** Why the run failed; undefined where the model was right. */
  get failure(): string | undefined {
    if (this.#counts.still > 0) return `${this.#counts.still} alerts came from the part where nothing moves`;
    return this.#counts.moving > 0 ? undefined : "no alert came from the part where people walk";
  }
}

function judge(frame: SentFrame | undefined, before: SentFrame | undefined): Judgement {
  if (frame === undefined) return "still"; // an alert about a frame that was never sent is as wrong as can be
  if (before !== undefined && before.pass !== frame.pass) return "not-judged";
  return frame.index >= FIRST_MOVING_FRAME ? "moving" : "still";
}
