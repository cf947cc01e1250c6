// Rights of members that the bound Worker gave for a while: asked for again when the while is over.
import type { Session } from "../../../connection/attachment.ts";
import type { Code } from "../../../protocol/codes.ts";
import type { Deadlines } from "../deadlines.ts";
import type { Leaving } from "../members/leaving.ts";
import type { Member } from "../members/member.ts";
import type { Roster } from "../members/roster.ts";
import { type DelegatedAnswers, wishesOf } from "../rights/delegated-answers.ts";
import type { Registering } from "./registering.ts";

interface Parts {
  readonly answers: DelegatedAnswers;
  readonly roster: Roster;
  readonly leaving: Leaving;
  readonly registering: Registering;
  readonly deadlines: Deadlines;
  readonly keepAlive: (work: Promise<unknown>) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Members asked about at once: the platform bounds how many calls one event may make, and each is somebody's Worker. */
const ASKED_AT_ONCE = 64;

export class Delegating {
  readonly #parts: Parts;
  /** When somebody must be asked about first; 0 after a sleep, in which all answers were lost. */
  #firstDueAtMs = 0;
  #isAsking = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A member has registered: makes sure that the object wakes when it must be asked about again. */
  hold(member: Member): void {
    const dueAtMs = this.#dueAtMs(member);
    this.#firstDueAtMs = Math.min(dueAtMs, this.#firstDueAtMs);
    this.#wakeAt(dueAtMs);
  }

  /**
   * Finds out what a member may do by another session of his: what was said of the one before says nothing of it. A code where
   * nobody can say, and then he stays by the one that he had.
   */
  async vouch(
    { principal }: Pick<Session, "principal">,
    { registration, streamId }: Pick<Member, "registration" | "streamId">,
  ): Promise<Code | undefined> {
    return (await this.#ask({ principal, registration, streamId })) ? undefined : "OVERLOADED";
  }

  /** A member goes on by another session, and may do what that one may. */
  renewed(member: Member): void {
    if (this.#dueAtMs(member) === Number.POSITIVE_INFINITY) return;
    this.hold(member);
    this.#parts.registering.decideAnew(this.#parts.now());
  }

  /**
   * The object woke and knows no answers any more. Members stay until the alarm that was set for them; but who watches
   * the others come and go would meanwhile be told of nobody.
   */
  woke(): void {
    if (this.#parts.roster.watchers.some((watcher) => this.#dueAtMs(watcher) === 0)) this.#wakeAt(0);
  }

  /** The alarm rang. */
  look(nowMs: number): void {
    if (nowMs < this.#firstDueAtMs) return this.#wakeAt(this.#firstDueAtMs);
    const { answers, keepAlive, registering, roster } = this.#parts;
    const due = roster.members.filter((member) => this.#dueAtMs(member) <= nowMs);
    this.#holdAll();
    if (due.length > 0) {
      if (!this.#isAsking) keepAlive(this.#askAnew(due));
      return;
    }
    // Somebody else has asked meanwhile, and a no that he was told is one for members too.
    registering.decideAnew(nowMs);
    answers.forgetOver(nowMs);
  }

  /** What was allowed stays so until there is an answer, and no answer is a no that passes: who comes back is asked about then. */
  async #askAnew(due: readonly Member[]): Promise<void> {
    const { leaving, now, registering, roster } = this.#parts;
    this.#isAsking = true;
    try {
      for (let first = 0; first < due.length; first += ASKED_AT_ONCE) {
        const some = due.slice(first, first + ASKED_AT_ONCE);
        // oxlint-disable-next-line no-await-in-loop -- a few at a time, see above
        const known = await Promise.all(some.map((member) => this.#ask(member)));
        for (const [index, member] of some.entries()) {
          if (known[index] === false && roster.has(member)) leaving.expel(member, "OVERLOADED");
        }
      }
      registering.decideAnew(now());
    } finally {
      this.#isAsking = false;
    }
    this.#holdAll();
  }

  /** False where nothing can be found out. */
  async #ask({
    principal,
    registration,
    streamId,
  }: Pick<Member, "principal" | "registration" | "streamId">): Promise<boolean> {
    if (registration === undefined) return true;
    return (await this.#parts.answers.ask(principal, streamId, wishesOf(registration))) ?? true;
  }

  #holdAll(): void {
    let first = Number.POSITIVE_INFINITY;
    for (const member of this.#parts.roster.members) first = Math.min(first, this.#dueAtMs(member));
    this.#firstDueAtMs = first;
    this.#wakeAt(first);
  }

  /** Not at once, however short an answer lives: all alarms are some seconds apart. */
  #wakeAt(dueAtMs: number): void {
    if (Number.isFinite(dueAtMs)) this.#parts.deadlines.add(Math.max(dueAtMs, this.#parts.now() + 1));
  }

  /** Who has not registered depends on nothing, and is asked about when he does. */
  #dueAtMs({ principal, registration }: Member): number {
    if (registration === undefined) return Number.POSITIVE_INFINITY;
    return this.#parts.answers.dueAtMs(principal, wishesOf(registration));
  }
}
