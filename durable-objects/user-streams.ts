// A stream's way to the list of streams in the objects of users.
import { userAt } from "./addresses.ts";
import { answerInTime } from "./answer-in-time.ts";
import type { ObjectEnv } from "./object-env.ts";
import type { Room, UserStreams } from "./stream/rights/claiming.ts";

export function makeUserStreams(env: ObjectEnv, keepAlive: (work: Promise<unknown>) => void): UserStreams {
  return {
    expect: (userId, streamId) => {
      // Addressed anew each time: a stub that is held may keep an object awake.
      const answer = userAt(env, userId).expectStream(userId, streamId);
      return answerInTime<Room>(
        answer.then((isRoom) => (isRoom ? "room" : "full")),
        "unreachable",
      );
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
