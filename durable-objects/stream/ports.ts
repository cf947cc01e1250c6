// All that a stream needs from outside: the platform behind shapes, other objects, bound Workers, clock and randomness.
import type { Note } from "../../connection/audit.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Storage } from "../storage.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Timer } from "./delivery/lagging.ts";
import type { MemberSocket } from "./members/member.ts";
import type { UserStreams } from "./rights/claiming.ts";
import type { Authorize } from "./rights/delegated-answers.ts";
import type { UserAdmission } from "./sessions/arriving.ts";
import type { RenewalPorts } from "./sessions/renewing.ts";
import type { SinkPorts } from "./sinks/frame-sinks.ts";

export interface StreamPorts {
  readonly storage: Storage;
  readonly deadlines: Deadlines;
  readonly sinks: Pick<SinkPorts, "call" | "delay">;
  /** Hands an alert to the bound Worker; rejects where it throws, cannot be reached or takes too long. */
  readonly callAlertSink: (binding: string, alert: JsonObject) => Promise<unknown>;
  /** Asks the Worker that decides under the policy `delegate`; rejects where it throws, cannot be reached or takes too long. */
  readonly authorize: Authorize;
  /** The objects of users, which know how many streams each owns. */
  readonly users: UserStreams;
  /** Verifies a token that renews a session. */
  readonly verifyToken: RenewalPorts["verify"];
  /** Writes down for the operator who left, and what was done to the stream. */
  readonly note: Note;
  /** The same objects, which know how many connections each has, and what is revoked. */
  readonly admission: UserAdmission;
  /** Keeps the object from falling asleep in the middle of some work; a rejection is a bug and is logged. */
  readonly keepAlive: (work: Promise<unknown>) => void;
  readonly timer: Timer;
  /** When the runtime last answered a keepalive of this socket; undefined where it never did. */
  readonly keepaliveAtMs: (socket: MemberSocket) => number | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A text that no other call returned, at most 36 characters. */
  readonly randomId: () => string;
  /** From 0 to below 1. */
  readonly random: () => number;
}
