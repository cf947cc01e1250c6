// What of one user is revoked, for as long as a credential may be around that it ends.
import { type Revocation, revokes, type Subject } from "../../auth/revocation.ts";
import { firstRow, type Storage } from "../storage.ts";

export type SessionOfUser = Pick<Subject, "userId" | "sessionId">;

/** What is revoked of a session, as it is told to others; `unavailable` where nobody can say now. */
export type RevocationsAnswer =
  | { readonly kind: "revocations"; readonly revocations: readonly Revocation[] }
  | { readonly kind: "unavailable" };

/** Stands for all sessions: no session has an empty id. */
const ALL_SESSIONS = "";

const HAS_TABLE = "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'revocations'";

export class Revocations {
  readonly #storage: Storage;
  readonly #keptForMs: number;
  #hasTable: boolean;

  /** @param keptForMs how long a credential may be taken after the auth server made it, in milliseconds */
  constructor(storage: Storage, keptForMs: number) {
    this.#storage = storage;
    this.#keptForMs = keptForMs;
    this.#hasTable = firstRow(storage.sql.exec(HAS_TABLE)) !== undefined;
  }

  add({ sessionId = ALL_SESSIONS, issuedBeforeS }: Revocation, nowMs: number): void {
    const { sql } = this.#storage;
    this.#createTable();
    sql.exec(
      `INSERT INTO revocations (session_id, issued_before_s, ends_at_ms) VALUES (?, ?, ?)
       ON CONFLICT (session_id) DO UPDATE SET issued_before_s = max(issued_before_s, excluded.issued_before_s),
         ends_at_ms = max(ends_at_ms, excluded.ends_at_ms)`,
      sessionId,
      issuedBeforeS,
      Math.max(nowMs, issuedBeforeS * 1000) + this.#keptForMs,
    );
    // A session says nothing more where all of them are revoked up to the same time or later.
    if (sessionId === ALL_SESSIONS) {
      sql.exec("DELETE FROM revocations WHERE session_id <> ? AND issued_before_s <= ?", ALL_SESSIONS, issuedBeforeS);
    }
  }

  /** What may concern one session: two at most, however many others have ended. */
  listOf({ userId, sessionId: concerned }: SessionOfUser): readonly Revocation[] {
    if (!this.#hasTable) return [];
    const rows = this.#storage.sql.exec<{ sessionId: string; issuedBeforeS: number }>(
      "SELECT session_id AS sessionId, issued_before_s AS issuedBeforeS FROM revocations WHERE session_id IN (?, ?)",
      ALL_SESSIONS,
      concerned,
    );
    return Array.from(rows, ({ sessionId, issuedBeforeS }) => ({
      userId,
      sessionId: sessionId === ALL_SESSIONS ? undefined : sessionId,
      issuedBeforeS,
    }));
  }

  hasRevoked(subject: Subject): boolean {
    return this.listOf(subject).some((revocation) => revokes(revocation, subject));
  }

  /** Whatever was vouched for by then has ended by itself. */
  forgetOver(nowMs: number): void {
    if (this.#hasTable) this.#storage.sql.exec("DELETE FROM revocations WHERE ends_at_ms <= ?", nowMs);
  }

  /** When the next one can be forgotten, in milliseconds since 1970. */
  get nextEndMs(): number | undefined {
    if (!this.#hasTable) return undefined;
    const next = this.#storage.sql.exec<{ ms: number | null }>("SELECT min(ends_at_ms) AS ms FROM revocations");
    return firstRow(next)?.ms ?? undefined;
  }

  /** Who is never revoked stores nothing. */
  #createTable(): void {
    if (this.#hasTable) return;
    this.#storage.sql.exec(`CREATE TABLE IF NOT EXISTS revocations (
      session_id TEXT PRIMARY KEY,
      issued_before_s INTEGER NOT NULL,
      ends_at_ms INTEGER NOT NULL
    ) WITHOUT ROWID`);
    this.#hasTable = true;
  }
}
