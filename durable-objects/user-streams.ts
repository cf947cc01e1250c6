// A stream's way to the objects of users: bounded in time, and never a failure that its caller must catch.
import { logBug } from "../connection/log.ts";
import { userAt } from "./addresses.ts";
import type { ObjectEnv } from "./object-env.ts";
import type { Room, UserStreams } from "./stream/claiming.ts";

/** Members wait for this, and their messages with them. */
const ANSWER_TIMEOUT_MS = 5000;

export function makeUserStreams(env: ObjectEnv, keepAlive: (work: Promise<unknown>) => void): UserStreams {
  return {
    expect: (userId, streamId) => {
      // Addressed anew each time: a stub that is held may keep an object awake.
      const answer = userAt(env, userId).expectStream(userId, streamId);
      return withinTime(answer.then((isRoom): Room => (isRoom ? "room" : "full")));
    },
    settle: (userId, streamId, isOwned) => {
      keepAlive(
        userAt(env, userId)
          .settleStream(streamId, isOwned)
          .catch(() => undefined), // stays unsure there, and is asked for
      );
    },
  };
}

async function withinTime(answer: Promise<Room>): Promise<Room> {
  const { promise: timeout, resolve } = Promise.withResolvers<Room>();
  const timer = setTimeout(() => resolve("unreachable"), ANSWER_TIMEOUT_MS);
  try {
    return await Promise.race([answer, timeout]);
  } catch (failure) {
    logBug("user-object", failure);
    return "unreachable";
  } finally {
    clearTimeout(timer);
  }
}
