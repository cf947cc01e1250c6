// The way to the objects of users before anything is let in, for streams and for the Worker: bounded in time.
import type { Revocation } from "../auth/revocation.ts";
import { codeOfProblem } from "../connection/problem.ts";
import { type Watched, writeWatch } from "../connection/watch.ts";
import type { Code } from "../protocol/codes.ts";
import { userAt } from "./addresses.ts";
import { answerInTime } from "./answer-in-time.ts";
import type { ObjectEnv } from "./object-env.ts";
import type { UserAdmission } from "./stream/sessions/arriving.ts";
import type { RevocationsAnswer, SessionOfUser } from "./user/revocations.ts";

export function makeUserAdmission(env: ObjectEnv): UserAdmission {
  return {
    // Addressed anew each time: a stub that is held may keep an object awake.
    admit: (subject, connectionId, place) =>
      answerInTime(userAt(env, subject.userId).admit(subject, connectionId, place), "unreachable"),
  };
}

/** Never rejects. */
export function listRevocations(env: ObjectEnv, session: SessionOfUser): Promise<RevocationsAnswer> {
  const answer = userAt(env, session.userId).listRevocations(session);
  return answerInTime<RevocationsAnswer>(
    answer.then((revocations) => ({ kind: "revocations", revocations })),
    { kind: "unavailable" },
  );
}

/** Never rejects. False where it is not sure that the user's object has noted it. */
export function revoke(env: ObjectEnv, revocation: Revocation, graceMs: number): Promise<boolean> {
  const answer = userAt(env, revocation.userId).revoke(revocation, graceMs);
  return answerInTime(
    answer.then(() => true),
    false,
  );
}

/** Need not arrive: the place of a socket that the Worker held is free again after a while. Never rejects. */
export function release(env: ObjectEnv, userId: string, connectionId: string): Promise<void> {
  return userAt(env, userId)
    .release(connectionId)
    .catch(() => undefined);
}

/** What the object of a user answers to who wants to watch a socket of his. */
export type WatchAnswer =
  /** @property socket not accepted yet; closed from here where nothing is watched any more */
  { readonly kind: "watched"; readonly socket: WebSocket } | { readonly kind: "refused"; readonly code: Code };

const UNREACHABLE: WatchAnswer = { kind: "refused", code: "OVERLOADED" };

/** Never rejects. */
export async function watchUser(env: ObjectEnv, watched: Watched): Promise<WatchAnswer> {
  const asked = userAt(env, watched.subject.userId).fetch(writeWatch(watched)).then(watchAnswerOf);
  const answer = await answerInTime(asked, UNREACHABLE);
  // Who came too late is watched by nobody, and would count for ever.
  if (answer === UNREACHABLE) void asked.then(closeUnused, () => undefined);
  return answer;
}

async function watchAnswerOf(response: Response): Promise<WatchAnswer> {
  const { webSocket } = response;
  if (webSocket !== null) return { kind: "watched", socket: webSocket };
  return { kind: "refused", code: codeOfProblem(await response.text()) };
}

function closeUnused(answer: WatchAnswer): void {
  if (answer.kind === "refused") return;
  answer.socket.accept();
  answer.socket.close();
}
