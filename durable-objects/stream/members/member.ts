// One connection of a stream: who it is, what it declared, and what the object remembers of it while awake.
import type { Principal } from "../../../auth/principal.ts";
import { revokes, type Subject, subjectOf } from "../../../auth/revocation.ts";
import {
  type Attachment,
  type Registration,
  type Revoked,
  type Session,
  writeAttachment,
} from "../../../connection/attachment.ts";
import type { Link } from "../../../connection/backlog.ts";
import { Credits } from "../../../connection/credits.ts";
import { ErrorFlood } from "../../../connection/error-flood.ts";
import type { Hop } from "../../../connection/hop.ts";
import { Outbox, type OutboxBounds } from "../../../connection/outbox.ts";
import { type RateBounds, TokenBucket } from "../../../connection/token-bucket.ts";
import { ANY_TYPE, isPayloadType } from "../../../protocol/message-type.ts";

/** The part of a hibernatable WebSocket that a stream uses. */
export interface MemberSocket extends Link {
  readonly readyState: number;
  close(code: number, reason: string): void;
  serializeAttachment(attachment: unknown): void;
  deserializeAttachment(): unknown;
}

export interface MemberOptions {
  readonly rate: RateBounds;
  readonly outbox: OutboxBounds;
  /** How exactly it is written down when it was heard, in milliseconds. */
  readonly heardGrainMs: number;
  /** Told of each frame that gave way. */
  readonly dropped: () => void;
}

export class Member {
  readonly socket: MemberSocket;
  readonly bucket: TokenBucket;
  readonly errors = new ErrorFlood();
  /** The one way to its socket. */
  readonly outbox: Outbox;
  #attachment: Attachment;
  #produces: ReadonlySet<string>;
  #consumes: ReadonlySet<string>;
  readonly #heardGrainMs: number;
  #heardAtMs: number;

  constructor(
    socket: MemberSocket,
    attachment: Attachment,
    { rate, outbox, heardGrainMs, dropped }: MemberOptions,
    nowMs: number,
  ) {
    this.socket = socket;
    this.bucket = new TokenBucket(rate, nowMs);
    this.#heardGrainMs = heardGrainMs;
    this.#heardAtMs = attachment.heardAtMs + heardGrainMs;
    // After a wake nobody knows what was missed. But a bridge keeps count itself and does not sleep, so to the object it
    // has missed nothing.
    const missedAtFirst = attachment.hop === "bridged" ? 0 : undefined;
    this.#attachment = attachment;
    this.outbox = new Outbox({ link: socket, bounds: outbox, missedAtFirst, dropped });
    this.outbox.agree(this.#newCredits(), this.#attachment.registration?.batch === true);
    this.#produces = new Set(attachment.registration?.produces);
    this.#consumes = new Set(attachment.registration?.consumes);
  }

  get hop(): Hop {
    return this.#attachment.hop;
  }

  /** When it last sent something, in milliseconds since 1970; after a wake up to a grain later than it was. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  /** It sent something. Written down now and then, so that a sleep does not make it look silent. */
  noteHeard(nowMs: number): void {
    this.#heardAtMs = nowMs;
    if (nowMs - this.#attachment.heardAtMs < this.#heardGrainMs) return;
    this.#keep({ ...this.#attachment, heardAtMs: nowMs });
  }

  get connectionId(): string {
    return this.#attachment.connectionId;
  }

  get streamId(): string {
    return this.#attachment.streamId;
  }

  get principal(): Principal {
    return this.#attachment.principal;
  }

  /** When the session ends, in milliseconds since 1970; undefined for a key, which has no end. */
  get endsAtMs(): number | undefined {
    return this.#attachment.endsAtMs;
  }

  /** The gateway's own, as the client named it; empty where nobody knows. */
  /** Whether other connections of its session may produce the same beside it. */
  get isOneOfSeveral(): boolean {
    return this.#attachment.isOneOfSeveral === true;
  }

  get origin(): string {
    return this.#attachment.origin;
  }

  /** When it is told that its session ends, in milliseconds since 1970; `Infinity` for never again. */
  get noticeAtMs(): number {
    return this.#attachment.noticeAtMs;
  }

  /** It was told that its session ends. */
  noteNotice(): void {
    this.#keep({ ...this.#attachment, noticeAtMs: Infinity });
  }

  /** Another session of the same principal, or more of the same one. */
  renew({ principal, issuedAtS, endsAtMs }: Session, noticeAtMs: number): void {
    this.#keep({ ...this.#attachment, principal, issuedAtS, endsAtMs, noticeAtMs });
  }

  /** Undefined for a program. */
  get subject(): Subject | undefined {
    return subjectOf(this.#attachment);
  }

  /** When it came, in milliseconds since 1970. */
  get joinedAtMs(): number {
    return this.#attachment.joinedAtMs;
  }

  /** When it must go since it was revoked, in milliseconds since 1970; undefined while it is not, or was renewed since. */
  get revokedEndMs(): number | undefined {
    const { revoked } = this.#attachment;
    if (revoked === undefined) return undefined; // asked for each message
    const { subject } = this;
    return subject !== undefined && revokes({ ...revoked, userId: subject.userId }, subject)
      ? revoked.endsAtMs
      : undefined;
  }

  /** Its session was revoked and may go on for a while; of several the strictest holds. */
  revoke({ sessionId, issuedBeforeS, endsAtMs }: Revoked): void {
    const before = this.revokedEndMs === undefined ? undefined : this.#attachment.revoked;
    const revoked =
      before === undefined
        ? { sessionId, issuedBeforeS, endsAtMs }
        : {
            sessionId: before.sessionId === undefined ? undefined : sessionId,
            issuedBeforeS: Math.max(before.issuedBeforeS, issuedBeforeS),
            endsAtMs: Math.min(before.endsAtMs, endsAtMs),
          };
    this.#keep({ ...this.#attachment, revoked });
  }

  get registration(): Registration | undefined {
    return this.#attachment.registration;
  }

  /** Undefined takes the registration back. Either way it is written to the socket, where it survives sleep. */
  register(registration: Registration | undefined): void {
    this.#keep({ ...this.#attachment, registration });
    this.#produces = new Set(registration?.produces);
    this.#consumes = new Set(registration?.consumes);
    this.outbox.restart();
    this.outbox.agree(this.#newCredits(), registration?.batch === true);
  }

  produces(type: string): boolean {
    return this.#produces.has(type) || this.#produces.has(ANY_TYPE);
  }

  consumes(type: string): boolean {
    return this.#consumes.has(type) || (this.#consumes.has(ANY_TYPE) && isPayloadType(type));
  }

  /** Written to the socket, where it survives sleep. */
  #keep(attachment: Attachment): void {
    this.#attachment = attachment;
    this.socket.serializeAttachment(writeAttachment(attachment));
  }

  /** For a bridged member the bridge counts them: it has the last hop. */
  #newCredits(): Credits | undefined {
    const { hop, registration } = this.#attachment;
    const window = hop === "direct" ? registration?.window : undefined;
    return window === undefined ? undefined : new Credits(window);
  }
}
