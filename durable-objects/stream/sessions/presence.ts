// Who comes and goes, told to members that ask for it and may know: owner, writers, admins.
import { senderKindOf } from "../../../auth/principal.ts";
import { maySeeMembers } from "../../../auth/privileges.ts";
import type { OutboxBounds } from "../../../connection/outbox.ts";
import { MEMBER_LIST_MAX_BYTES, WATCHERS_MAX } from "../../../protocol/limits.ts";
import { PRESENCE_TYPE } from "../../../protocol/message-type.ts";
import type { SenderKind } from "../../../protocol/messages.ts";
import { bytesOf } from "../../../protocol/size.ts";
import type { FanOut } from "../delivery/fan-out.ts";
import type { Member } from "../members/member.ts";
import type { Roster } from "../members/roster.ts";
import type { Access } from "../rights/access.ts";

/** A member as others see it. */
export interface MemberView {
  readonly connectionId: string;
  readonly userId: string;
  readonly senderKind: SenderKind;
  readonly clientType: string | undefined;
  readonly produces: readonly string[];
  readonly consumes: readonly string[];
}

interface Parts {
  readonly config: { readonly outbox: OutboxBounds };
  readonly access: Access;
  readonly roster: Roster;
  readonly fanOut: FanOut;
}

interface Departure {
  readonly member: Member;
  readonly view: MemberView;
}

export class Presence {
  readonly #parts: Parts;
  /** Members that are gone and that the others have not been told of yet. */
  readonly #departures: Departure[] = [];
  #isTellingDepartures = false;
  /** Watchers that know who is there. */
  readonly #welcomed = new WeakSet<Member>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The object woke: who may know now did before, since a change of rights would have woken it. */
  woke(): void {
    for (const watcher of this.#parts.roster.watchers) if (this.#isWatcher(watcher)) this.#welcomed.add(watcher);
  }

  /** A member registers: the others learn of it. */
  joined(member: Member, nowMs: number): void {
    const view = viewOf(member);
    if (view !== undefined) this.#tellOthers("join", { member, view }, nowMs);
  }

  /** A member learns who is there, if it asked for it and may know. */
  welcome(member: Member, nowMs: number): void {
    if (!this.#isWatcher(member)) return;
    this.#tellAll([member], nowMs);
  }

  /** Rights have changed: who may know from now on learns who is there, and who may no more would be told anew. */
  rightsChanged(nowMs: number): void {
    const newcomers: Member[] = [];
    for (const watcher of this.#parts.roster.watchers) {
      if (!this.#isWatcher(watcher)) this.#welcomed.delete(watcher);
      else if (!this.#welcomed.has(watcher)) newcomers.push(watcher);
    }
    if (newcomers.length > 0) this.#tellAll(newcomers, nowMs);
  }

  /**
   * Whether one more may watch: each coming and going is told to all that do. Who may not know, and waits for the right to, is
   * counted apart: else all who may read could take the owner's place.
   */
  isFullFor(member: Member): boolean {
    const mayKnow = this.#mayKnow(member);
    const alike = this.#parts.roster.watchers.filter((watcher) => this.#mayKnow(watcher) === mayKnow);
    return alike.length >= WATCHERS_MAX;
  }

  /** Who is there; the same text for all of them, as far as it is the same. */
  #tellAll(watchers: readonly Member[], nowMs: number): void {
    const { fanOut, roster } = this.#parts;
    let text: string | undefined;
    let size = 0;
    for (const watcher of watchers) {
      // Telling one may have found it gone, and then the others must not be told that it is there.
      if (text === undefined || size !== roster.size) text = this.#snapshotText(watcher.streamId, nowMs);
      size = roster.size;
      this.#welcomed.add(watcher);
      fanOut.notify(watcher, text, nowMs);
    }
  }

  #snapshotText(streamId: string, nowMs: number): string {
    const { config, roster } = this.#parts;
    // Beside a replay that fills half of a consumer's buffer.
    const snapshot = listMembers(roster.members, config.outbox.consumerBufferBytes / 4);
    return this.#text(streamId, { event: "snapshot", ...snapshot, at: nowMs });
  }

  /**
   * A member that was registered is none any more. Telling it may end another member, which may end another: one after
   * the other, since thousands of them, one inside the other, are more than the stack holds.
   */
  left(member: Member, nowMs: number): void {
    this.#welcomed.delete(member);
    const view = viewOf(member);
    if (view === undefined) return;
    this.#departures.push({ member, view });
    if (this.#isTellingDepartures) return;
    this.#isTellingDepartures = true;
    try {
      for (let next = this.#departures.shift(); next !== undefined; next = this.#departures.shift()) {
        this.#tellOthers("leave", next, nowMs);
      }
    } finally {
      this.#isTellingDepartures = false;
    }
  }

  #tellOthers(event: "join" | "leave", { member, view }: Departure, nowMs: number): void {
    const { fanOut, roster } = this.#parts;
    let text: string | undefined;
    for (const watcher of roster.watchers) {
      if (watcher === member || !this.#isWatcher(watcher)) continue;
      text ??= this.#text(member.streamId, { event, member: view, at: nowMs });
      fanOut.notify(watcher, text, nowMs);
    }
  }

  #isWatcher(member: Member): boolean {
    return member.consumes(PRESENCE_TYPE) && this.#mayKnow(member);
  }

  #mayKnow({ principal, streamId }: Member): boolean {
    return maySeeMembers(principal, this.#parts.access.factsOf(streamId));
  }

  #text(streamId: string, detail: Record<string, unknown>): string {
    return JSON.stringify({ type: PRESENCE_TYPE, streamId, ...detail });
  }
}

/** The registered ones, as many as fit; `total` says how many there are. */
export function listMembers(
  all: readonly Member[],
  maxBytes = MEMBER_LIST_MAX_BYTES,
): { members: readonly MemberView[]; total: number } {
  const members: MemberView[] = [];
  let room = Math.min(maxBytes, MEMBER_LIST_MAX_BYTES);
  let total = 0;
  for (const member of all) {
    const view = viewOf(member);
    if (view === undefined) continue;
    total += 1;
    if (room < 0) continue;
    room -= bytesOf(JSON.stringify(view));
    if (room >= 0) members.push(view);
  }
  return { members, total };
}

/** Undefined for a connection that has not registered. */
function viewOf({ connectionId, principal, registration }: Member): MemberView | undefined {
  if (registration === undefined) return undefined;
  const { clientType, produces, consumes } = registration;
  return {
    connectionId,
    userId: principal.userId,
    senderKind: senderKindOf(principal),
    clientType,
    produces,
    consumes,
  };
}
