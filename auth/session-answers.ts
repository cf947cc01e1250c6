// What the auth server says of a session token: one question for all who wait for it, judged as any session is.
import type { AnswerCache } from "./answer-cache.ts";
import { checkSession, type Session } from "./claims.ts";
import type { AuthFailure } from "./failure.ts";
import { sha256Hex } from "./hash.ts";
import type { AuthServer, AuthServerAnswer, SessionToken } from "./ports.ts";
import type { Occasion } from "./verifier.ts";

/** An answer may be older than who is given it, and what was revoked since is revoked. */
export type TimedAnswer = AuthServerAnswer & { readonly askedAtMs: number };

/** How long an answer is taken for true. A sign-out is noticed by new connections after at most this. */
export const ANSWER_LIFE_MS = 5000;

export type KnownSession = Session & { readonly askedAtMs: number };

/** 32 letters and digits; signed: then a dot and 32 bytes of base64 with its padding. */
const RAW = /^[A-Za-z0-9]{32}$/;
const SIGNED = /^[A-Za-z0-9]{32}\.[A-Za-z0-9+/]{43}=$/;

/** Undefined where a token has neither form. A browser's cookie value is percent-encoded. */
export function readSessionToken(token: string): SessionToken | undefined {
  if (RAW.test(token)) return { kind: "raw", text: token };
  const text = token.replaceAll(/%2b/gi, "+").replaceAll(/%2f/gi, "/").replaceAll(/%3d/gi, "=");
  return SIGNED.test(text) ? { kind: "signed", text } : undefined;
}

export class SessionAnswers {
  readonly #authServer: AuthServer;
  readonly #cache: AnswerCache<TimedAnswer>;

  constructor(authServer: AuthServer, cache: AnswerCache<TimedAnswer>) {
    this.#authServer = authServer;
    this.#cache = cache;
  }

  async find(sessionToken: SessionToken, { nowMs, origin, keepAlive }: Occasion): Promise<KnownSession | AuthFailure> {
    const hash = await sha256Hex(`${sessionToken.kind} ${sessionToken.text}`);
    const answer = await this.#cache.get(hash, nowMs, () => {
      const asked = this.#authServer(sessionToken, origin);
      keepAlive(asked);
      return asked.then((said) => ({ ...said, askedAtMs: nowMs }));
    });
    switch (answer.kind) {
      case "session": {
        const checked = checkSession(answer.session, answer.user, nowMs);
        return "reason" in checked ? checked : { ...checked, askedAtMs: answer.askedAtMs };
      }
      case "none":
        return { reason: "session-not-found" };
      case "unavailable":
        return { reason: "auth-server-unavailable" };
    }
  }
}
