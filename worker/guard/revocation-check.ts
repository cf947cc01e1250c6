// Whether who makes a request was revoked: his object is asked, and its answer taken for true for REVOCATION_CACHE_S.
import { AnswerCache } from "../../auth/answer-cache.ts";
import type { Authenticated } from "../../auth/authenticator.ts";
import { revokes, subjectOf } from "../../auth/revocation.ts";
import type { Occasion } from "../../auth/verifier.ts";
import type { RevocationsAnswer, SessionOfUser } from "../../durable-objects/user/revocations.ts";
import type { Code } from "../../protocol/codes.ts";

/** Why a request is refused; undefined where it is not. Nobody is asked about a program. Never rejects. */
export type RevocationCheck = (
  who: Pick<Authenticated, "principal" | "issuedAtS">,
  occasion: Pick<Occasion, "nowMs" | "keepAlive">,
) => Promise<Code | undefined>;

/** @param ask the object of a user; never rejects */
export function makeRevocationCheck(
  ask: (session: SessionOfUser) => Promise<RevocationsAnswer>,
  cacheMs: number,
): RevocationCheck {
  const cache = new AnswerCache<RevocationsAnswer>(cacheMs);
  return async (who, { nowMs, keepAlive }) => {
    const subject = subjectOf(who);
    if (subject === undefined) return undefined;
    const { userId, sessionId } = subject;
    // For each session: of all that ever ended, the list would be as long as its user likes.
    const answer = await cache.get(JSON.stringify([userId, sessionId]), nowMs, () => {
      const asked = ask({ userId, sessionId });
      keepAlive(asked);
      return asked;
    });
    if (answer.kind === "unavailable") return "OVERLOADED";
    return answer.revocations.some((revocation) => revokes(revocation, subject)) ? "SESSION_REVOKED" : undefined;
  };
}
