// Stands before the authenticator: who came too often, or failed too often, is refused before anything is verified.
import { type Authenticated, type Authenticator, isAuthenticated } from "../auth/authenticator.ts";
import type { CredentialSearch } from "../auth/credential.ts";
import { type AuthFailure, type PublicFailure, toPublic } from "../auth/failure.ts";
import type { Principal } from "../auth/principal.ts";
import type { Occasion } from "../auth/verifier.ts";
import { type AuditEvent, credentialEvent, identityOf, type Note, type Place } from "../connection/audit.ts";
import type { Code } from "../protocol/codes.ts";
import type { FailureLimit } from "./guard/failure-limit.ts";
import { countAt, type Limiter, restOfPeriodMs } from "./guard/limiter.ts";
import type { RequestRates } from "./guard/request-rates.ts";
import type { Visitor } from "./guard/visitor.ts";

/** What a client is told whom nobody looked at. */
export interface TooMuch {
  readonly code: "RATE_LIMITED";
  /** A fixed sentence. */
  readonly detail: string;
  readonly retryAfterMs: number;
  readonly reason?: undefined;
}

/** Why a credential does not let its bearer in. */
export interface Refusal {
  readonly code: Code;
  readonly reason?: PublicFailure["reason"] | undefined;
  readonly detail?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** What stood where a credential belongs. */
export type Presented = Extract<CredentialSearch, { kind: "found" | "unreadable" }>;

/** One look at a credential. */
export interface Attempt {
  readonly visitor: Visitor;
  readonly occasion: Occasion;
  readonly place: Place;
  /** Undefined where no stream was named yet. */
  readonly streamId: string | undefined;
  /** False for a cookie where another credential may follow: it came by itself, and failing it counts as nothing. */
  readonly isClaim: boolean;
}

interface Parts {
  readonly authenticate: Authenticator;
  /** Counts upgrades; undefined where none is bound. */
  readonly connects: Limiter | undefined;
  readonly failures: FailureLimit;
  readonly requests: RequestRates;
  readonly note: Note;
}

export class Guard {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Counts an upgrade; undefined where it may go on, as where the limit cannot be asked. */
  async connect(visitor: Visitor, nowMs: number): Promise<TooMuch | undefined> {
    const count = await countAt(this.#parts.connects, visitor.address);
    if (count === "broken") this.#parts.note({ event: "limit-broken", reason: "connects", ...visitor });
    if (count !== "over") return undefined;
    this.#limited("connects", { ...visitor, place: "upgrade" });
    return tooMuch("Too many connections from this address", restOfPeriodMs(nowMs));
  }

  /** Verifies a credential, unless too many of this address failed. What cannot be read is as good as a wrong one. */
  async present(presented: Presented, attempt: Attempt): Promise<Authenticated | Refusal> {
    const { authenticate, failures, note } = this.#parts;
    const { visitor, occasion, place, streamId } = attempt;
    const waitMs = failures.waitMs(visitor.address, occasion.nowMs);
    const where = { ...visitor, place, streamId };
    if (waitMs > 0) {
      this.#limited("failures", where);
      return tooMuch("Too many failed credentials from this address", waitMs);
    }
    const who = presented.kind === "found" ? await authenticate(presented.token, presented.slot, occasion) : UNREADABLE;
    const shown = { ...where, slot: presented.kind === "found" ? presented.slot : undefined };
    note(credentialEvent(who, shown));
    return isAuthenticated(who) ? who : this.#refuse(who, attempt);
  }

  async #refuse(failure: AuthFailure, { visitor, occasion, isClaim }: Attempt): Promise<Refusal> {
    const { failures, note } = this.#parts;
    const refusal = toPublic(failure);
    // A trouble of the auth server is nobody's fault who came with a token.
    if (!isClaim || refusal.code !== "AUTH_FAILED") return refusal;
    const count = await failures.failed(visitor.address, occasion.nowMs);
    if (count === "broken") note({ event: "limit-broken", reason: "failures", ...visitor });
    return refusal;
  }

  /** Counts a request over HTTP; undefined where it may go on. */
  request({ principal }: Authenticated, visitor: Visitor, nowMs: number): TooMuch | undefined {
    // Services too: a program in a loop is what most often asks too much, and the operator can raise the rate.
    const retryAfterMs = this.#parts.requests.take(askerOf(principal), nowMs);
    if (retryAfterMs === 0) return undefined;
    this.#limited("requests", { ...visitor, place: "http", ...identityOf(principal) });
    return tooMuch("Too many requests", retryAfterMs);
  }

  #limited(reason: "connects" | "failures" | "requests", where: Omit<AuditEvent, "event">): void {
    this.#parts.note({ event: "rate-limited", code: "RATE_LIMITED", reason, ...where });
  }
}

/** Each ticket asks for itself: it bears its maker's name, and who holds one must not use up what its maker may ask. */
function askerOf(principal: Principal): string {
  return principal.kind === "ticket" ? `ticket:${principal.ticketId}` : principal.userId;
}

const UNREADABLE = { reason: "unreadable" } as const;

function tooMuch(detail: string, retryAfterMs: number): TooMuch {
  return { code: "RATE_LIMITED", detail, retryAfterMs };
}
