// A handshake seen from its client: what each message and each answer makes the holder of the socket do.
import type { Authenticated } from "../../auth/authenticator.ts";
import type { Code } from "../../protocol/codes.ts";
import { writeEnvelope } from "../../protocol/envelope.ts";
import { Handshake } from "../../worker/edge/handshake.ts";
import type { Action } from "../../worker/edge/handshake/action.ts";
import type { Refusal } from "../../worker/guard.ts";
import { user } from "./members.ts";

export const ALICE: Authenticated = {
  kind: "authenticated",
  principal: user("alice"),
  issuedAtS: 1_790_000_000,
  endsAtMs: 1_800_000_000_000,
  shown: { tokenKind: "session-jwt", keyNumber: 0 },
};
/** Another session of the same user. */
export const ALICE_ANEW: Authenticated = {
  ...ALICE,
  principal: { ...user("alice"), sessionId: "another-session" },
  issuedAtS: 1_790_000_100,
  endsAtMs: 1_800_000_100_000,
};
export const BOB: Authenticated = { ...ALICE, principal: user("bob") };
export const AUTH = { type: "auth", token: "tok.e.n" };
export const REGISTER = { type: "register", streamId: "cam-1" };
export const MAX_MESSAGE_BYTES = 100_000;

/** An action with what is told read. */
export type Step = Exclude<Action, { do: "tell" }> | { readonly told: Record<string, unknown> };

interface Setup {
  /** The stream that the path names. */
  readonly streamId?: string;
  readonly who?: Authenticated;
  readonly maxMessageBytes?: number;
}

export class HeldClient {
  nowMs = 0;
  readonly handshake: Handshake;

  constructor({ streamId, who, maxMessageBytes = MAX_MESSAGE_BYTES }: Setup) {
    const lanes = { latest: new Set(["video-frame"]), durable: new Set(["alert"]) };
    this.handshake = new Handshake({ streamId, who, connectionId: "c-1", lanes, maxMessageBytes });
  }

  /** Sends text and bytes as they are, anything else as JSON. */
  send(message: unknown): readonly Step[] {
    return this.handshake.receive(toData(message), this.nowMs).map(toStep);
  }

  verified(result: Authenticated | Refusal = ALICE): readonly Step[] {
    return this.handshake.verified(result, this.nowMs).map(toStep);
  }

  joined(refusedFor?: Code): readonly Step[] {
    return this.handshake.joined(refusedFor, this.nowMs).map(toStep);
  }

  timedOut(): readonly Step[] {
    return this.handshake.timedOut().map(toStep);
  }
}

/** Behind a path that names the stream; nobody is known yet. */
export function atStreamDoor(maxMessageBytes?: number): HeldClient {
  return new HeldClient({ streamId: "cam-1", ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }) });
}

/** Behind a path that names no stream; nobody is known yet. */
export function atRegisterDoor(maxMessageBytes?: number): HeldClient {
  return new HeldClient(maxMessageBytes === undefined ? {} : { maxMessageBytes });
}

/** Known, and asked for the stream next. */
export function unregistered(maxMessageBytes?: number): HeldClient {
  return new HeldClient({ who: ALICE, ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }) });
}

/** What a client is told that made an error and may go on. */
export function error(code: Code, detail: Record<string, unknown> = {}): unknown {
  return { told: { type: "error", code, ...detail } };
}

export function refusal(code: Code, closeCode: number): unknown {
  return { do: "refuse", code, closeCode };
}

export function forward(message: unknown): unknown {
  return { do: "forward", message: toData(message) };
}

export function frame(name: string): Record<string, unknown> {
  return { type: "video-frame", name };
}

export function binaryFrame(header: Record<string, unknown>, payloadBytes = 3): ArrayBuffer {
  const message = writeEnvelope(JSON.stringify(header), new Uint8Array(payloadBytes));
  if (message === undefined) throw new Error("the header is too long");
  return message;
}

function toData(message: unknown): string | ArrayBuffer {
  return typeof message === "string" || message instanceof ArrayBuffer ? message : JSON.stringify(message);
}

function toStep(action: Action): Step {
  return action.do === "tell" ? { told: JSON.parse(action.text) as Record<string, unknown> } : action;
}
