// The tickets of a stream: made for who may, counted down as they are used, forgotten when they are over.
import { decide, isGood } from "../../../auth/policy.ts";
import type { Operation, Principal, TicketPrincipal } from "../../../auth/principal.ts";
import { mayMintTickets } from "../../../auth/privileges.ts";
import { CODES } from "../../../protocol/codes.ts";
import { type Fault, fault, isFault } from "../../../protocol/fault.ts";
import { TICKETS_OUTSTANDING_MAX } from "../../../protocol/limits.ts";
import { firstRow, type Storage } from "../../storage.ts";
import type { Deadlines } from "../deadlines.ts";
import type { Access } from "./access.ts";

/** What a ticket is to be worth; its subject stands on the ticket alone. */
export interface TicketOrder {
  readonly operations: readonly Operation[];
  readonly uses: number;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** What stands on a ticket so that its stream knows it again. */
export interface TicketEntry {
  readonly kind: "entered";
  readonly ticketId: string;
  readonly epoch: string;
}

interface Parts {
  readonly storage: Storage;
  readonly access: Access;
  readonly deadlines: Deadlines;
  readonly randomId: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A row is a ticket with uses left; the last use takes it away, so that what is used up and what never was look alike. */
export class TicketLedger {
  readonly #parts: Parts;
  /** No row ends before; undefined where there is none. Kept, since alarms ring every few seconds while frames flow. */
  #firstEndMs: number | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#firstEndMs = parts.access.claim === undefined ? undefined : this.#readFirstEnd();
  }

  /** Enters a ticket, for a stream that exists, and for who may let somebody in. */
  mint(principal: Principal, streamId: string, { operations, uses, expiresAtMs }: TicketOrder): TicketEntry | Fault {
    const { access, deadlines, now, randomId, storage } = this.#parts;
    if (access.claim === undefined) return fault("NOT_FOUND", "No such stream", undefined);
    const facts = access.factsOf(streamId);
    if (!mayMintTickets(principal, facts)) return fault("UNAUTHORIZED", "No permission to make tickets", undefined);
    // A service makes them in other people's name; a user gives no more than he has.
    const isDenied = (operation: Operation): boolean => decide(principal, operation, facts) === "deny";
    if (principal.kind === "user" && operations.some(isDenied)) {
      return fault("UNAUTHORIZED", "No permission to let others do this", undefined);
    }
    this.#forgetOver(now());
    if (this.#count >= TICKETS_OUTSTANDING_MAX)
      return fault("RATE_LIMITED", "Too many tickets are not used yet", undefined);
    const ticketId = randomId();
    storage.sql.exec(
      "INSERT INTO tickets (ticket_id, uses_left, expires_at_ms) VALUES (?, ?, ?)",
      ticketId,
      uses,
      expiresAtMs,
    );
    this.#firstEndMs = Math.min(expiresAtMs, this.#firstEndMs ?? expiresAtMs);
    access.noteUse(now());
    deadlines.add(expiresAtMs);
    return { kind: "entered", ticketId, epoch: access.claim.epoch };
  }

  /**
   * Why a ticket is none here; undefined where it is one, and for who shows none. For a ticket of another stream as well:
   * what it may not do there is the policy's word.
   */
  faultOf(principal: Principal, streamId: string): Fault | undefined {
    if (principal.kind !== "ticket" || principal.streamId !== streamId) return undefined;
    const { access, now } = this.#parts;
    if (isGood(principal, access.factsOf(streamId)) && this.#isLeft(principal, now())) return undefined;
    return fault("AUTH_FAILED", CODES.AUTH_FAILED.sentence, undefined);
  }

  /** A call over HTTP: a ticket is worth one where it is answered, and none where it is refused. */
  admit<Answer>(principal: Principal, streamId: string, call: () => Answer | Fault): Answer | Fault {
    const wrong = this.faultOf(principal, streamId);
    if (wrong !== undefined) return wrong;
    const answer = call();
    if (!isFault(answer)) this.use(principal);
    return answer;
  }

  /** It let somebody in. The caller has found it good in the same synchronous step. */
  use(principal: Principal): void {
    if (principal.kind !== "ticket") return;
    const { sql } = this.#parts.storage;
    // In this order each use is one row written.
    sql.exec("DELETE FROM tickets WHERE ticket_id = ? AND uses_left <= 1", principal.ticketId);
    sql.exec("UPDATE tickets SET uses_left = uses_left - 1 WHERE ticket_id = ?", principal.ticketId);
  }

  /** Whether somebody may still come with one. */
  get isEmpty(): boolean {
    const { access, now, storage } = this.#parts;
    if (access.claim === undefined || this.#firstEndMs === undefined) return true;
    const left = storage.sql.exec("SELECT 1 AS found FROM tickets WHERE expires_at_ms > ? LIMIT 1", now());
    return firstRow(left) === undefined;
  }

  /** The alarm rang: forgets what is over, and asks to be woken for what is next. */
  look(nowMs: number): void {
    this.#forgetOver(nowMs);
    if (this.#firstEndMs !== undefined) this.#parts.deadlines.add(this.#firstEndMs);
  }

  /** The stream was deleted, and its tickets with it. */
  forget(): void {
    this.#firstEndMs = undefined;
  }

  #forgetOver(nowMs: number): void {
    if (this.#firstEndMs === undefined || nowMs < this.#firstEndMs) return;
    this.#parts.storage.sql.exec("DELETE FROM tickets WHERE expires_at_ms <= ?", nowMs);
    this.#firstEndMs = this.#readFirstEnd();
  }

  #isLeft({ ticketId }: TicketPrincipal, nowMs: number): boolean {
    const row = this.#parts.storage.sql.exec(
      "SELECT 1 AS found FROM tickets WHERE ticket_id = ? AND uses_left > 0 AND expires_at_ms > ?",
      ticketId,
      nowMs,
    );
    return firstRow(row) !== undefined;
  }

  get #count(): number {
    const { sql } = this.#parts.storage;
    return firstRow(sql.exec<{ count: number }>("SELECT count(*) AS count FROM tickets"))?.count ?? 0;
  }

  #readFirstEnd(): number | undefined {
    const { sql } = this.#parts.storage;
    const row = firstRow(sql.exec<{ endMs: number | null }>("SELECT min(expires_at_ms) AS endMs FROM tickets"));
    return row?.endMs ?? undefined;
  }
}
