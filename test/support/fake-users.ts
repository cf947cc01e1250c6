// The objects of users, in place of the real ones: they answer at once, or when a test says so.
import type { Room, UserStreams } from "../../durable-objects/stream/rights/claiming.ts";
import type { UserAdmission } from "../../durable-objects/stream/sessions/arriving.ts";
import type { Admittance } from "../../durable-objects/user/admitting.ts";
import type { Place } from "../../durable-objects/user/connections.ts";

export class FakeUsers implements UserStreams, UserAdmission {
  /** What they say of each connection; a test may wait with it. */
  admittance: Admittance | Promise<Admittance> = "admitted";
  /** Connections that were asked for, in order. */
  readonly askedFor: { readonly userId: string; readonly connectionId: string }[] = [];
  /** Where each of these was said to be. */
  readonly places: Place[] = [];
  /** What they answer at once; undefined where a test answers itself. */
  room: Room | undefined = "room";
  /** Questions that wait for a test's answer, oldest first. */
  readonly asked: { readonly userId: string; readonly answer: (room: Room) => Promise<void> }[] = [];
  /** What they were told, in order. */
  readonly told: { readonly event: string; readonly userId: string; readonly streamId: string }[] = [];

  readonly expect = (userId: string, streamId: string): Room | Promise<Room> => {
    this.told.push({ event: "expect", userId, streamId });
    if (this.room !== undefined) return this.room;
    const { promise, resolve } = Promise.withResolvers<Room>();
    this.asked.push({
      userId,
      answer: async (room) => {
        resolve(room);
        // The stream goes on in the microtasks behind the answer.
        for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      },
    });
    return promise;
  };

  admit: UserAdmission["admit"] = async ({ userId }, connectionId, place) => {
    this.askedFor.push({ userId, connectionId });
    this.places.push(place);
    return this.admittance;
  };

  readonly settle = (userId: string, streamId: string, isOwned: boolean): void => {
    this.told.push({ event: isOwned ? "owned" : "not owned", userId, streamId });
  };
}
