// What `auth` does on a live connection: its token is verified while messages go on, then the session is another one.
import type { Authenticated } from "../../../auth/authenticator.ts";
import type { PublicFailure } from "../../../auth/failure.ts";
import { isSamePrincipal } from "../../../auth/principal.ts";
import { logBug } from "../../../connection/log.ts";
import { successText } from "../../../protocol/answers.ts";
import type { Code } from "../../../protocol/codes.ts";
import { type Fault, fault } from "../../../protocol/fault.ts";
import type { AuthMessage, Ref } from "../../../protocol/messages.ts";
import type { Complaining } from "../delivery/complaining.ts";
import type { FanOut } from "../delivery/fan-out.ts";
import type { Leaving } from "../members/leaving.ts";
import type { Member } from "../members/member.ts";
import type { Roster } from "../members/roster.ts";
import type { Ending } from "./ending.ts";

/** Who is asked about a token. Neither rejects but for a bug. */
export interface RenewalPorts {
  readonly verify: (
    token: string,
    connection: Pick<Member, "connectionId" | "origin" | "streamId">,
  ) => Promise<Authenticated | PublicFailure>;
  /**
   * Whether a verified session may go on here: it may have been revoked since its token was made. Undefined where it may;
   * `OVERLOADED` where nobody can say now, and the connection stays as it is; any other code ends it.
   */
  readonly vouch: (
    who: Authenticated,
    connection: Pick<Member, "connectionId" | "registration" | "streamId">,
  ) => Promise<Code | undefined>;
}

interface Parts extends RenewalPorts {
  readonly roster: Roster;
  readonly leaving: Leaving;
  readonly ending: Ending;
  readonly fanOut: FanOut;
  readonly complaining: Complaining;
  /** Told of each member that goes on by another session of his. */
  readonly sessionChanged: (member: Member) => void;
  /** Keeps the object awake while a token is verified. */
  readonly keepAlive: (work: Promise<unknown>) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Refusal {
  readonly code: Code;
  readonly reason?: string;
}

/** Nobody could say whether the token is good, so nothing changes: the connection lives to the end that it had. */
const UNDECIDED: ReadonlySet<Code> = new Set<Code>(["AUTH_UNAVAILABLE", "OVERLOADED"]);

export class Renewing {
  readonly #parts: Parts;
  readonly #underWay = new Set<Member>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Answers later. A second one meanwhile is refused: it would have to wait, and the first may answer it. */
  renew(member: Member, { token, ref }: AuthMessage): Fault | undefined {
    if (this.#underWay.has(member)) return fault("CONFLICT", "A renewal of this session is under way", ref);
    this.#underWay.add(member);
    this.#parts.keepAlive(this.#finish(member, token, ref));
    return undefined;
  }

  async #finish(member: Member, token: string, ref: Ref | undefined): Promise<void> {
    try {
      this.#decide(member, await this.#ask(member, token), ref);
    } catch (bug) {
      logBug("auth", bug);
      this.#parts.leaving.expel(member, "INTERNAL");
    } finally {
      this.#underWay.delete(member);
    }
  }

  async #ask(member: Member, token: string): Promise<Authenticated | Refusal> {
    const { verify, vouch } = this.#parts;
    const who = await verify(token, member);
    if ("code" in who) return who;
    // Nothing changes who a member is, so this need not be looked at again.
    if (!isSamePrincipal(who.principal, member.principal)) return { code: "AUTH_FAILED" };
    const code = await vouch(who, member);
    return code === undefined ? who : { code };
  }

  /** In one step, since the member may have left or ended while others were asked. */
  #decide(member: Member, result: Authenticated | Refusal, ref: Ref | undefined): void {
    const { complaining, ending, fanOut, leaving, now, roster, sessionChanged } = this.#parts;
    if (!roster.has(member)) return;
    const nowMs = now();
    if (leaving.isOver(member, nowMs)) return leaving.expire(member);
    if ("code" in result) {
      const { code, reason } = result;
      if (UNDECIDED.has(code)) complaining.warn(member, code, { ref }, nowMs);
      else complaining.complain(member, code, { reason, ref }, nowMs);
      return;
    }
    const before = member.subject?.sessionId;
    ending.renew(member, result, nowMs);
    const { connectionId, principal, endsAtMs, subject } = member;
    const detail = { connectionId, userId: principal.userId, expiresAt: endsAtMs };
    fanOut.tell(member, successText("Authentication successful", ref, detail));
    if (subject?.sessionId !== before) sessionChanged(member);
  }
}
