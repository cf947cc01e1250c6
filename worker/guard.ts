// Stands before the authenticator: who came too often, or failed too often, is refused before anything is verified.
import { type Authenticated, type Authenticator, isAuthenticated } from "../auth/authenticator.ts";
import type { CredentialSearch } from "../auth/credential.ts";
import { type PublicFailure, toPublic } from "../auth/failure.ts";
import type { Occasion } from "../auth/verifier.ts";
import type { FailureLimit } from "./failure-limit.ts";
import { countAt, type Limiter, restOfPeriodMs } from "./limiter.ts";
import type { RequestRates } from "./request-rates.ts";
import type { Visitor } from "./visitor.ts";

/** What a client is told whom nobody looked at. */
export interface TooMuch {
  readonly code: "RATE_LIMITED";
  /** A fixed sentence. */
  readonly detail: string;
  readonly retryAfterMs: number;
  readonly reason?: undefined;
}

export type Refusal = (PublicFailure & { readonly [Name in "detail" | "retryAfterMs"]?: undefined }) | TooMuch;

/** What stood where a credential belongs. */
export type Presented = Extract<CredentialSearch, { kind: "found" | "unreadable" }>;

/** One look at a credential. */
export interface Attempt {
  readonly visitor: Visitor;
  readonly occasion: Occasion;
  /** False for a cookie where another credential may follow: it came by itself, and failing it counts as nothing. */
  readonly isClaim: boolean;
}

interface Parts {
  readonly authenticate: Authenticator;
  /** Counts upgrades; undefined where none is bound. */
  readonly connects: Limiter | undefined;
  readonly failures: FailureLimit;
  readonly requests: RequestRates;
}

export class Guard {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Counts an upgrade; undefined where it may go on, as where the limit cannot be asked. */
  async connect({ address }: Visitor, nowMs: number): Promise<TooMuch | undefined> {
    if ((await countAt(this.#parts.connects, address)) !== "over") return undefined;
    return tooMuch("Too many connections from this address", restOfPeriodMs(nowMs));
  }

  /** Verifies a credential, unless too many of this address failed. What cannot be read is as good as a wrong one. */
  async present(presented: Presented, attempt: Attempt): Promise<Authenticated | Refusal> {
    const { authenticate, failures } = this.#parts;
    const { visitor, occasion, isClaim } = attempt;
    const waitMs = failures.waitMs(visitor.address, occasion.nowMs);
    if (waitMs > 0) return tooMuch("Too many failed credentials from this address", waitMs);
    const who = presented.kind === "found" ? await authenticate(presented.token, presented.slot, occasion) : UNREADABLE;
    if (isAuthenticated(who)) return who;
    const refusal = toPublic(who);
    // A trouble of the auth server is nobody's fault who came with a token.
    if (isClaim && refusal.code === "AUTH_FAILED") await failures.failed(visitor.address, occasion.nowMs);
    return refusal;
  }

  /** Counts a request over HTTP; undefined where it may go on. */
  request({ principal }: Authenticated, nowMs: number): TooMuch | undefined {
    // Services too: a program in a loop is what most often asks too much, and the operator can raise the rate.
    const retryAfterMs = this.#parts.requests.take(principal.userId, nowMs);
    return retryAfterMs === 0 ? undefined : tooMuch("Too many requests", retryAfterMs);
  }
}

const UNREADABLE = { reason: "unreadable" } as const;

function tooMuch(detail: string, retryAfterMs: number): TooMuch {
  return { code: "RATE_LIMITED", detail, retryAfterMs };
}
