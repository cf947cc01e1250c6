// A claim needs room in its user's list of streams: asked for before, told what came of it after.
import { NOBODY } from "../../../auth/policy.ts";
import { type Fault, fault } from "../../../protocol/fault.ts";
import type { Ref } from "../../../protocol/messages.ts";

/** The user's object, asked by a stream. */
export interface UserStreams {
  /**
   * Says that a stream may become this user's, or may stop being it: whatever happens to the stream object from here on,
   * the list asks it before it believes. Never rejects. A promise where somebody else must be asked.
   */
  readonly expect: (userId: string, streamId: string) => Room | Promise<Room>;
  /** What came of it. Need not arrive. */
  readonly settle: (userId: string, streamId: string, isOwned: boolean) => void;
}

/** `full`: the user owns as many streams as he may. `unreachable`: nobody can say, so nothing changes now. */
export type Room = "room" | "full" | "unreachable";

/** Said by work that may not go on before it is known whether there is room. */
export const NEEDS_ROOM = Symbol("needs room");

export class Claiming {
  readonly #users: UserStreams;
  readonly #ownerNow: () => string | undefined;

  /** @param ownerNow on whose account the stream is at this moment */
  constructor(users: UserStreams, ownerNow: () => string | undefined) {
    this.#users = users;
    this.#ownerNow = ownerNow;
  }

  /**
   * Does work that claims or forgets a stream on a user's account. The work decides anew when it is called the second
   * time, after the answer: whatever it saw before may have changed meanwhile.
   */
  attempt<Result>(
    userId: string,
    streamId: string,
    work: (room: Room | undefined) => Result | typeof NEEDS_ROOM,
  ): Result | Promise<Result> {
    const first = work(undefined);
    if (first !== NEEDS_ROOM) return first;
    // Nobody has no list, and always room.
    const isNobodys = userId === NOBODY;
    const finish = (room: Room): Result => {
      const result = work(room);
      if (result === NEEDS_ROOM) throw new Error("the work was told whether there is room");
      if (room === "room" && !isNobodys) this.#users.settle(userId, streamId, this.#ownerNow() === userId);
      return result;
    };
    const room = isNobodys ? "room" : this.#users.expect(userId, streamId);
    return room instanceof Promise ? room.then(finish) : finish(room);
  }
}

/** Why a user gets no stream now. */
export function noRoom(room: Exclude<Room, "room">, ref: Ref | undefined): Fault {
  switch (room) {
    case "full":
      return fault("STREAM_LIMIT", "This user owns as many streams as one may", ref);
    case "unreachable":
      return fault("OVERLOADED", "The list of this user's streams cannot be reached", ref);
  }
}
