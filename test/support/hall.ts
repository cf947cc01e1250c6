// A roster with a `Lagging` of its own and timers that ring when a test says so, without a stream around them.
import { Lagging } from "../../durable-objects/stream/delivery/lagging.ts";
import { Relayed } from "../../durable-objects/stream/delivery/relayed.ts";
import { TotalWaiting } from "../../durable-objects/stream/delivery/total-waiting.ts";
import type { Member, MemberSocket } from "../../durable-objects/stream/members/member.ts";
import { Roster } from "../../durable-objects/stream/members/roster.ts";
import type { Code } from "../../protocol/codes.ts";
import { FakeTimers } from "./fake-timers.ts";
import { memberOf } from "./members.ts";

export const SOON_MS = 40;
export const LATER_MS = 1000;
export const BATCH_DELAY_MS = 5;

export type Consumer = ReturnType<typeof consumer>;

/** A member that consumes everything and leaves so many bytes unread. @param window its credits */
export function consumer(waiting = 0, window?: number) {
  const member = memberOf({ consumes: ["*"] });
  if (window !== undefined)
    member.register({ clientType: undefined, produces: [], consumes: ["*"], window, batch: false });
  member.socket.bufferedAmount = waiting;
  return member;
}

export function frame(seq: number, payload = new Uint8Array(100)): Relayed {
  const stamps = { streamId: "s", userId: "u", senderKind: "user", seq, receivedAt: 1 } as const;
  const relayed = Relayed.of("video-frame", "latest", '{"type":"video-frame"}', stamps, payload);
  if (relayed === undefined) throw new Error("the header is too long");
  return relayed;
}

export class Hall {
  nowMs = 1_000_000;
  readonly timers = new FakeTimers();
  /** How often a timer was set. */
  timersSet = 0;
  readonly roster = new Roster();
  readonly expelled: [Member, Code][] = [];
  readonly over = new Set<Member>();
  readonly lagging: Lagging;

  constructor(...members: Member[]) {
    const { roster } = this;
    for (const member of members) roster.add(member);
    const expel = (member: Member, code: Code): void => {
      roster.remove(member);
      this.expelled.push([member, code]);
    };
    const leaving = {
      isOver: (member: Member) => this.over.has(member),
      expel,
      expire: (member: Member) => expel(member, "TOKEN_EXPIRED"),
      gone: (socket: MemberSocket) => roster.forget(socket),
    };
    const total = () => new TotalWaiting(roster);
    this.lagging = new Lagging({
      roster,
      leaving,
      timer: (ms, ring) => {
        this.timersSet += 1;
        return this.timers.set(ms, ring);
      },
      batchDelayMs: BATCH_DELAY_MS,
      now: () => this.nowMs,
      total,
    });
  }

  /** A frame that finds no room, or no credit. */
  wait(member: Consumer, relayed = frame(1)): void {
    if (member.outbox.offer(relayed, new TotalWaiting(this.roster), this.nowMs) === "waits") {
      this.lagging.noteWaiting(member);
    }
  }

  /** Time goes on until the timer rings that is set. */
  ring(): void {
    this.nowMs += this.timers.due[0] ?? 0;
    this.timers.ring();
  }
}
