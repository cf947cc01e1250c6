// One connection of a stream: who it is, what it declared, and what the object remembers of it while awake.
import type { Principal } from "../../auth/principal.ts";
import { type Attachment, type Registration, writeAttachment } from "../../connection/attachment.ts";
import { ErrorFlood } from "../../connection/error-flood.ts";
import type { Link } from "../../connection/outbox.ts";
import { type RateBounds, TokenBucket } from "../../connection/token-bucket.ts";
import { ANY_TYPE, isPayloadType } from "../../protocol/message-type.ts";

/** The part of a hibernatable WebSocket that a stream uses. */
export interface MemberSocket extends Link {
  readonly readyState: number;
  send(message: string | ArrayBuffer): void;
  close(code: number, reason: string): void;
  serializeAttachment(attachment: unknown): void;
  deserializeAttachment(): unknown;
}

export class Member {
  readonly socket: MemberSocket;
  readonly bucket: TokenBucket;
  readonly errors = new ErrorFlood();
  #attachment: Attachment;
  #produces: ReadonlySet<string>;
  #consumes: ReadonlySet<string>;
  /** Messages missed since the last one that was sent, by type; a type without an entry has not been sent yet. */
  readonly #missed = new Map<string, number>();
  /**
   * What counts as missed of a type without an entry: nothing for a new registration, unknown after a wake. A bridge
   * keeps count itself and does not sleep, so to the object it has missed nothing.
   */
  #missedAtFirst: 0 | undefined;

  constructor(socket: MemberSocket, attachment: Attachment, rate: RateBounds, nowMs: number) {
    this.socket = socket;
    this.bucket = new TokenBucket(rate, nowMs);
    this.#attachment = attachment;
    this.#missedAtFirst = attachment.hop === "bridged" ? 0 : undefined;
    this.#produces = new Set(attachment.registration?.produces);
    this.#consumes = new Set(attachment.registration?.consumes);
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

  get registration(): Registration | undefined {
    return this.#attachment.registration;
  }

  /** Undefined takes the registration back. Either way it is written to the socket, where it survives sleep. */
  register(registration: Registration | undefined): void {
    this.#attachment = { ...this.#attachment, registration };
    this.#produces = new Set(registration?.produces);
    this.#consumes = new Set(registration?.consumes);
    this.#missed.clear();
    this.#missedAtFirst = 0;
    this.socket.serializeAttachment(writeAttachment(this.#attachment));
  }

  produces(type: string): boolean {
    return this.#produces.has(type) || this.#produces.has(ANY_TYPE);
  }

  consumes(type: string): boolean {
    return this.#consumes.has(type) || (this.#consumes.has(ANY_TYPE) && isPayloadType(type));
  }

  /** How many messages of this type it missed since the last one; undefined where nobody knows any more. */
  missed(type: string): number | undefined {
    return this.#missed.get(type) ?? this.#missedAtFirst;
  }

  noteSent(type: string): void {
    this.#missed.set(type, 0);
  }

  noteMissed(type: string): void {
    const missed = this.missed(type);
    if (missed !== undefined) this.#missed.set(type, missed + 1); // an unknown number and one more stays unknown
  }
}
