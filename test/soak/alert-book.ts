// What the authors of a soak meant to publish, and what they were told of it.
import type { SeededRandom } from "./seeded-random.ts";

export interface Alert {
  readonly author: string;
  /** Undefined where the gateway is to make one up; such an alert cannot be repeated. */
  readonly id: string | undefined;
  /** No other alert says the same. */
  readonly message: string;
  readonly score: number;
}

export interface Acknowledgement {
  readonly id: unknown;
  readonly offset: unknown;
  readonly epoch: unknown;
  readonly duplicate?: unknown;
}

export interface Acknowledged {
  readonly alert: Alert;
  readonly id: string;
  readonly offset: number;
  readonly epoch: string;
}

/** One alert in so many is sent without an id where the door allows it. */
const WITHOUT_ID_ONE_IN = 4;

export class AlertBook {
  readonly #random: SeededRandom;
  readonly #complain: (sentence: string) => void;
  readonly #written = new Map<string, Alert>();
  readonly #underWay = new Set<Alert>();
  /** How often each was sent. */
  readonly #attempts = new Map<Alert, number>();
  readonly #toRepeat = new Map<string, Alert[]>();
  readonly acknowledged: Acknowledged[] = [];
  /** The highest offset that was acknowledged. */
  head = 0;
  /** Repeats that the gateway knew already: what it had stored and could not say. */
  duplicates = 0;
  /** Repeats of what was lost on the way. */
  storedAtLast = 0;

  constructor(random: SeededRandom, complain: (sentence: string) => void) {
    this.#random = random;
    this.#complain = complain;
  }

  /** What the author repeats because nobody answered, or something new. */
  next(author: string, mayOmitId: boolean): Alert {
    const alert = this.#toRepeat.get(author)?.shift() ?? this.#write(author, mayOmitId);
    this.#underWay.add(alert);
    this.#attempts.set(alert, (this.#attempts.get(alert) ?? 0) + 1);
    return alert;
  }

  leftToRepeat(author: string): number {
    return this.#toRepeat.get(author)?.length ?? 0;
  }

  wasWritten(message: string): Alert | undefined {
    return this.#written.get(message);
  }

  acknowledge(alert: Alert, { id, offset, epoch, duplicate }: Acknowledgement): void {
    this.#underWay.delete(alert);
    const answer = JSON.stringify({ id, offset, epoch, duplicate });
    if (typeof id !== "string" || typeof offset !== "number" || typeof epoch !== "string") {
      return this.#complain(`"${alert.message}" was acknowledged with ${answer}`);
    }
    if (alert.id !== undefined && alert.id !== id) this.#complain(`"${alert.id}" was acknowledged as ${answer}`);
    const repeated = (this.#attempts.get(alert) ?? 0) > 1;
    if (duplicate === true && !repeated) this.#complain(`"${alert.message}" was sent once and is called a duplicate`);
    if (duplicate === true) this.duplicates += 1;
    else if (repeated) this.storedAtLast += 1;
    this.head = Math.max(this.head, offset);
    this.acknowledged.push({ alert, id, offset, epoch });
  }

  /** The connections are gone: what has an id is sent again, of the rest nobody will know. */
  roundEnded(): void {
    for (const alert of this.#underWay) {
      if (alert.id === undefined) continue;
      const toRepeat = this.#toRepeat.get(alert.author);
      if (toRepeat === undefined) this.#toRepeat.set(alert.author, [alert]);
      else toRepeat.push(alert);
    }
    this.#underWay.clear();
  }

  #write(author: string, mayOmitId: boolean): Alert {
    const number = this.#written.size + 1;
    const withoutId = mayOmitId && this.#random.integer(1, WITHOUT_ID_ONE_IN) === 1;
    const alert = {
      author,
      id: withoutId ? undefined : `alert-${number}`,
      message: `number ${number} – 動き`, // bytes and characters differ
      score: this.#random.integer(0, 1_000_000) / 7,
    };
    this.#written.set(alert.message, alert);
    return alert;
  }
}
