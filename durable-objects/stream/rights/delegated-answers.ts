// What the bound Worker said about who may do what on this stream: asked once, believed for as long as it says.
import type { DelegatedRights } from "../../../auth/policy.ts";
import type { Operation, Principal } from "../../../auth/principal.ts";
import type { Registration } from "../../../connection/attachment.ts";
import { type Fault, fault } from "../../../protocol/fault.ts";
import { isJsonObject } from "../../../protocol/json.ts";
import { PRESENCE_TYPE } from "../../../protocol/message-type.ts";
import type { Ref } from "../../../protocol/messages.ts";

/** What somebody would do; without types: whether there is any right of the kind at all. */
export interface Wish {
  readonly operation: Operation;
  /** All of which are to be written. */
  readonly types: readonly string[];
}

/** The one argument of the Worker's `authorize`. */
export interface Question {
  readonly principal: {
    readonly kind: Principal["kind"];
    readonly userId: string;
    /** Of users alone. */
    readonly sessionId?: string;
  };
  readonly streamId: string;
  readonly operation: Operation;
  /** Left out where any right will do. */
  readonly types?: readonly string[];
}

/** Answers `{allowed, ttlMs}`, which is not checked yet. Rejects where there is no answer in time. */
export type Authorize = (question: Question) => Promise<unknown>;

interface Answer {
  readonly allowed: boolean;
  readonly askedAtMs: number;
  readonly untilMs: number;
}

/** The longest that an answer is believed, whatever it says: so long may somebody stay who was shut out. */
const TTL_MAX_MS = 300_000;
/** Answers kept; the oldest gives way, and is asked for again where somebody depends on it. */
const ANSWERS_MAX = 10_000;

const READ: Wish = { operation: "read", types: [] };
const WRITE: Wish = { operation: "write", types: [] };
export const TO_READ: readonly Wish[] = [READ];
/** Whether somebody has any business here. */
export const ANY_RIGHT: readonly Wish[] = [READ, WRITE];

/** What must be known of a member that declares this. */
export function wishesOf({ produces, consumes }: Pick<Registration, "produces" | "consumes">): readonly Wish[] {
  const reads = consumes.some((type) => type !== PRESENCE_TYPE);
  const wishes = [
    ...(produces.length > 0 ? [{ operation: "write", types: produces } as const] : []),
    ...(reads ? [READ] : []),
    // Who writes may see who is there.
    ...(consumes.includes(PRESENCE_TYPE) ? [WRITE] : []),
  ];
  return produces.length > 0 || reads ? wishes : ANY_RIGHT;
}

/** Why somebody is not let in now of whom the Worker said nothing. */
export function unknownRight(ref: Ref | undefined): Fault {
  return fault("OVERLOADED", "The Worker that decides about rights cannot be asked", ref);
}

export class DelegatedAnswers implements DelegatedRights {
  readonly #authorize: Authorize | undefined;
  readonly #now: () => number;
  readonly #answers = new Map<string, Answer>();
  /** Who asks at once shares one question. */
  readonly #asking = new Map<string, Promise<boolean>>();

  /** @param authorize undefined under the policies that ask nobody; all is known then */
  constructor(authorize: Authorize | undefined, now: () => number) {
    this.#authorize = authorize;
    this.#now = now;
  }

  /** A word that is over counts until it is asked for anew: whoever decides about a newcomer has asked just before. */
  allows(principal: Principal, operation: Operation, types: readonly string[]): boolean {
    return this.#answers.get(keyOf(principal, { operation, types }))?.allowed === true;
  }

  /**
   * Finds out what must be known before a decision. Undefined where it is known; else resolves, and never rejects: false where
   * the Worker threw, took too long or answered nonsense, and then nobody may be let in.
   */
  ask(principal: Principal, streamId: string, wishes: readonly Wish[]): Promise<boolean> | undefined {
    const authorize = this.#authorize;
    if (authorize === undefined || principal.kind === "ticket") return undefined;
    const open = wishes.filter((wish) => this.#dueAtMs(principal, wish) <= this.#now());
    if (open.length === 0) return undefined;
    const asked = open.map((wish) => this.#askOne(authorize, principal, streamId, wish));
    return Promise.all(asked).then((known) => known.every(Boolean));
  }

  /** Whether there is an answer to each, old or new; after a sleep there is none. */
  knows(principal: Principal, wishes: readonly Wish[]): boolean {
    if (this.#authorize === undefined || principal.kind === "ticket") return true;
    return wishes.every((wish) => this.#answers.has(keyOf(principal, wish)));
  }

  /** When the first of these must be asked again, in milliseconds since 1970; 0 where one is not known. */
  dueAtMs(principal: Principal, wishes: readonly Wish[]): number {
    if (this.#authorize === undefined || principal.kind === "ticket") return Number.POSITIVE_INFINITY;
    return Math.min(...wishes.map((wish) => this.#dueAtMs(principal, wish)));
  }

  /** Nobody depends on what is over. */
  forgetOver(nowMs: number): void {
    for (const [key, { untilMs }] of this.#answers) if (untilMs <= nowMs) this.#answers.delete(key);
  }

  #dueAtMs(principal: Principal, wish: Wish): number {
    const answer = this.#answers.get(keyOf(principal, wish));
    // By a clock that stepped back it would be believed for longer than it said.
    return answer === undefined || this.#now() < answer.askedAtMs ? 0 : answer.untilMs;
  }

  #askOne(authorize: Authorize, principal: Principal, streamId: string, wish: Wish): Promise<boolean> {
    const key = keyOf(principal, wish);
    const known = this.#asking.get(key);
    if (known !== undefined) return known;
    const asked = this.#take(key, authorize(toQuestion(principal, streamId, wish)));
    this.#asking.set(key, asked);
    return asked;
  }

  async #take(key: string, answer: Promise<unknown>): Promise<boolean> {
    const askedAtMs = this.#now();
    try {
      const { allowed, ttlMs } = readAnswer(await answer);
      this.#answers.delete(key); // so that it goes to the end of the insertion order
      this.#answers.set(key, { allowed, askedAtMs, untilMs: askedAtMs + ttlMs });
      const [oldest] = this.#answers.keys();
      if (oldest !== undefined && this.#answers.size > ANSWERS_MAX) this.#answers.delete(oldest);
      return true;
    } catch {
      this.#answers.delete(key);
      return false;
    } finally {
      this.#asking.delete(key);
    }
  }
}

function toQuestion(principal: Principal, streamId: string, { operation, types }: Wish): Question {
  const { kind, userId } = principal;
  return {
    principal: principal.kind === "user" ? { kind, userId, sessionId: principal.sessionId } : { kind, userId },
    streamId,
    operation,
    ...(types.length > 0 ? { types } : {}),
  };
}

/** Throws for nonsense: it is no answer. */
function readAnswer(value: unknown): { readonly allowed: boolean; readonly ttlMs: number } {
  const { allowed, ttlMs } = isJsonObject(value) ? value : {};
  if (typeof allowed !== "boolean" || typeof ttlMs !== "number" || !(ttlMs >= 0)) throw new TypeError("no answer");
  return { allowed, ttlMs: Math.min(ttlMs, TTL_MAX_MS) };
}

/** The same question has the same key. The session is a part of it, since it is asked about. */
function keyOf(principal: Principal, { operation, types }: Wish): string {
  const sessionId = principal.kind === "user" ? principal.sessionId : "";
  return JSON.stringify([principal.userId, sessionId, operation, ...types.toSorted()]);
}
