// Tells members what was wrong with a message; one that goes on and on is closed.
import { errorText, type ErrorDetail } from "../../../protocol/answers.ts";
import { CLOSE_ERROR_FLOOD, type Code, CODES } from "../../../protocol/codes.ts";
import type { Leaving } from "../members/leaving.ts";
import type { Member } from "../members/member.ts";
import type { Roster } from "../members/roster.ts";
import type { FanOut } from "./fan-out.ts";

interface Parts {
  readonly roster: Roster;
  readonly fanOut: Pick<FanOut, "tell">;
  readonly leaving: Pick<Leaving, "expel" | "close">;
}

export class Complaining {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Closes the connection where the code does. */
  complain(member: Member, code: Code, detail: ErrorDetail, nowMs: number): void {
    if (CODES[code].staysOpen) this.warn(member, code, detail, nowMs);
    else this.#parts.leaving.expel(member, code, detail);
  }

  /** The connection stays, whatever the code does to one that is to be opened. */
  warn(member: Member, code: Code, detail: ErrorDetail, nowMs: number): void {
    const { fanOut, leaving, roster } = this.#parts;
    fanOut.tell(member, errorText(code, detail));
    if (!member.errors.add(nowMs) || !roster.has(member)) return;
    const closeCode = code === "RATE_LIMITED" ? CODES.RATE_LIMITED.closeCode : CLOSE_ERROR_FLOOD;
    leaving.close(member, closeCode, "too many errors");
  }
}
