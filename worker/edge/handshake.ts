// How a socket that the Worker holds becomes a member of a stream: a machine of states, without sockets or clocks.
import type { Authenticated } from "../../auth/authenticator.ts";
import { DENIED } from "../../auth/policy.ts";
import { isSamePrincipal, type Operation } from "../../auth/principal.ts";
import { ErrorFlood } from "../../connection/error-flood.ts";
import { errorText, type ErrorDetail, PING_TEXT, PONG_TEXT, pongText, successText } from "../../protocol/answers.ts";
import { CLOSE_ERROR_FLOOD, type Code, CODES } from "../../protocol/codes.ts";
import { isFault } from "../../protocol/fault.ts";
import type { Lanes } from "../../protocol/lanes.ts";
import { AUTH_REQUIRED_MAX, BEFORE_AUTH_MAX_BYTES, WAITING_BEFORE_AUTH_MAX_BYTES } from "../../protocol/limits.ts";
import type { Ref } from "../../protocol/messages.ts";
import { parseBinary, parseText, splitBatch } from "../../protocol/parse.ts";
import { bytesOf } from "../../protocol/size.ts";
import { isStreamId } from "../../protocol/stream-id.ts";
import type { Refusal } from "../guard.ts";
import { WaitingQueue } from "../../connection/waiting-queue.ts";

type Data = string | ArrayBuffer;

/** What the holder of the socket is to do, in order. */
export type Action =
  | { readonly do: "tell"; readonly text: string }
  /** Tells why, closes, and nothing follows. */
  | { readonly do: "refuse"; readonly code: Code; readonly detail: ErrorDetail; readonly closeCode: number }
  /** Answered by `verified`. */
  | { readonly do: "verify"; readonly token: string }
  /** The time to authenticate is over, the time to register begins. */
  | { readonly do: "allow-time-to-register" }
  /** Answered by `joined`. */
  | { readonly do: "join"; readonly streamId: string; readonly who: Authenticated }
  | { readonly do: "forward"; readonly message: Data };

export interface HandshakeOptions {
  /** The stream that the path names; undefined where `register` names it. */
  readonly streamId: string | undefined;
  /** Who it is, where that is known from the upgrade. */
  readonly who: Authenticated | undefined;
  readonly connectionId: string;
  readonly lanes: Lanes;
  readonly maxMessageBytes: number;
}

type State =
  | { readonly kind: "unauthenticated"; readonly refusals: number; readonly bytes: number }
  | { readonly kind: "verifying"; readonly ref: Ref | undefined }
  | { readonly kind: "unregistered"; readonly who: Authenticated }
  /** Known, and its client has sent another token. */
  | { readonly kind: "renewing"; readonly who: Authenticated; readonly ref: Ref | undefined }
  /** `register` is forwarded first, where it named the stream; what came after it waits. */
  | {
      readonly kind: "joining";
      readonly who: Authenticated;
      readonly register: Data | undefined;
      readonly ref: Ref | undefined;
      /** What that asked for. */
      readonly wants: Operation | undefined;
    }
  | { readonly kind: "joined" }
  | { readonly kind: "over" };

export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #queue: WaitingQueue;
  readonly #errors = new ErrorFlood();
  #state: State;

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#queue = new WaitingQueue(options.lanes);
    const { who } = options;
    this.#state =
      who === undefined ? { kind: "unauthenticated", refusals: 0, bytes: 0 } : { kind: "unregistered", who };
  }

  /** Bytes of the messages that wait for a decision. */
  get waitingBytes(): number {
    const register = this.#state.kind === "joining" ? this.#state.register : undefined;
    return this.#queue.bytes + (register === undefined ? 0 : bytesOf(register));
  }

  /** A message of the client. Once joined, messages need not pass here any more. */
  receive(message: Data, nowMs: number): readonly Action[] {
    if (this.#state.kind === "over") return [];
    if (this.#state.kind === "unauthenticated") {
      const bytes = this.#state.bytes + bytesOf(message);
      if (bytes > BEFORE_AUTH_MAX_BYTES) return this.#refuse("TOO_LARGE");
      this.#state = { ...this.#state, bytes };
    }
    if (message === PING_TEXT) return [{ do: "tell", text: PONG_TEXT }];
    if (bytesOf(message) > this.#options.maxMessageBytes) return this.#refuse("TOO_LARGE");
    return this.#takeWhole(message, nowMs);
  }

  /** The word on the token of the `auth` message. */
  verified(result: Authenticated | Refusal, nowMs: number): readonly Action[] {
    if (this.#state.kind === "renewing") return this.#renewed(this.#state, result, nowMs);
    if (this.#state.kind !== "verifying") return [];
    if ("code" in result) return this.#refuse(result.code, detailOf(result, this.#state.ref));
    const { streamId } = this.#options;
    // As at the upgrade: uses of a ticket are counted by its stream, and here none is named.
    if (streamId === undefined && result.principal.kind === "ticket") {
      return this.#refuse("AUTH_FAILED", { ref: this.#state.ref });
    }
    const greeting = this.#greet(result, this.#state.ref);
    if (streamId !== undefined) {
      this.#state = { kind: "joining", who: result, register: undefined, ref: undefined, wants: undefined };
      return [greeting, { do: "allow-time-to-register" }, { do: "join", streamId, who: result }];
    }
    this.#state = { kind: "unregistered", who: result };
    return [greeting, { do: "allow-time-to-register" }, ...this.#takeWaiting(nowMs)];
  }

  /** The time to register runs on, so that no client stays by renewing. */
  #renewed(
    { who, ref }: State & { kind: "renewing" },
    result: Authenticated | Refusal,
    nowMs: number,
  ): readonly Action[] {
    if ("code" in result) {
      if (!CODES[result.code].temporary) return this.#refuse(result.code, detailOf(result, ref));
      // Nobody could say whether it is good, and the one before still is.
      this.#state = { kind: "unregistered", who };
      return [...this.#complain(result.code, detailOf(result, ref), nowMs), ...this.#takeWaiting(nowMs)];
    }
    if (!isSamePrincipal(result.principal, who.principal)) return this.#refuse("AUTH_FAILED", { ref });
    this.#state = { kind: "unregistered", who: result };
    return [this.#greet(result, ref), ...this.#takeWaiting(nowMs)];
  }

  #greet({ principal, endsAtMs }: Authenticated, ref: Ref | undefined): Action {
    const { connectionId } = this.#options;
    const detail = { connectionId, userId: principal.userId, expiresAt: endsAtMs };
    return { do: "tell", text: successText("Authentication successful", ref, detail) };
  }

  /** The object's word: undefined where it took the socket, else why not. */
  joined(refusal: Code | undefined, nowMs: number): readonly Action[] {
    if (this.#state.kind !== "joining") return [];
    const { who, register, ref, wants } = this.#state;
    if (refusal === undefined) {
      this.#state = { kind: "joined" };
      const first = register === undefined ? [] : [register];
      return [...first, ...this.#queue.drain()].map((message) => ({ do: "forward", message }));
    }
    // Where the path names the stream there is nothing else that this socket could do.
    if (this.#options.streamId !== undefined || !CODES[refusal].staysOpen) return this.#refuse(refusal, { ref });
    this.#state = { kind: "unregistered", who };
    // The object that refuses a client without any right has not read what it came for.
    const message = refusal === "UNAUTHORIZED" && wants !== undefined ? DENIED[wants] : undefined;
    return [...this.#complain(refusal, { message, ref }, nowMs), ...this.#takeWaiting(nowMs)];
  }

  /** The time for the step under way is over. */
  timedOut(): readonly Action[] {
    switch (this.#state.kind) {
      case "unauthenticated":
      case "verifying":
        return this.#refuse("AUTH_TIMEOUT");
      case "unregistered":
      case "renewing":
      case "joining":
        return this.#refuse("REGISTER_TIMEOUT");
      case "joined":
      case "over":
        return [];
    }
  }

  /** A message came faster than the rate allows, and was not looked at. */
  tooFast(retryAfterMs: number, nowMs: number): readonly Action[] {
    if (this.#state.kind === "over") return [];
    if (this.#errors.add(nowMs)) return this.#refuse("RATE_LIMITED", { retryAfterMs });
    return [{ do: "tell", text: errorText("RATE_LIMITED", { retryAfterMs }) }];
  }

  /** The holder of the socket cannot go on with it. */
  end(code: Code, closeCode?: number): readonly Action[] {
    return this.#refuse(code, {}, closeCode);
  }

  /** The client is gone. */
  left(): void {
    this.#state = { kind: "over" };
    this.#queue.drain();
  }

  /** A text with all its messages. What must wait does so whole: a part of a text would keep all of it in memory. */
  #takeWhole(message: Data, nowMs: number): readonly Action[] {
    if (this.#isWaiting) return this.#take(message, nowMs);
    // A text of too many messages stays one, which is then found to be bad.
    const items = (typeof message === "string" ? splitBatch(message) : undefined) ?? [message];
    return items.flatMap((item) => this.#take(item, nowMs));
  }

  /** Whether a decision is under way, and messages wait for it. */
  get #isWaiting(): boolean {
    const { kind } = this.#state;
    return kind === "verifying" || kind === "renewing" || kind === "joining";
  }

  /** One message, according to the state: each may change it for the next of the same text. */
  #take(message: Data, nowMs: number): readonly Action[] {
    switch (this.#state.kind) {
      case "unauthenticated":
        return this.#takeUnauthenticated(message, this.#state);
      case "verifying":
        return this.#wait(message, WAITING_BEFORE_AUTH_MAX_BYTES);
      case "unregistered":
        return this.#takeUnregistered(message, this.#state.who, nowMs);
      case "renewing":
      case "joining":
        return this.#wait(message, this.#options.maxMessageBytes);
      case "joined":
        return [{ do: "forward", message }];
      case "over":
        return [];
    }
  }

  #takeUnauthenticated(message: Data, state: State & { kind: "unauthenticated" }): readonly Action[] {
    const parsed = parseOne(message);
    if (!isFault(parsed) && parsed.kind === "auth") {
      this.#state = { kind: "verifying", ref: parsed.ref };
      return [{ do: "verify", token: parsed.token }];
    }
    const ref = "ref" in parsed ? parsed.ref : undefined;
    const refusals = state.refusals + 1;
    if (refusals >= AUTH_REQUIRED_MAX) return this.#refuse("AUTH_REQUIRED", { ref });
    this.#state = { ...state, refusals };
    return [{ do: "tell", text: errorText("AUTH_REQUIRED", { ref }) }];
  }

  #takeUnregistered(message: Data, who: Authenticated, nowMs: number): readonly Action[] {
    const parsed = parseOne(message);
    if (isFault(parsed)) return this.#complain(parsed.code, { message: parsed.message, ref: parsed.ref }, nowMs);
    switch (parsed.kind) {
      case "register": {
        const { streamId, produces, ref } = parsed;
        if (!isStreamId(streamId)) return this.#complain("INVALID_STREAM_ID", { ref }, nowMs);
        // The object reads it as any other message; here it only named the stream.
        const wants = produces.length > 0 ? "write" : "read";
        this.#state = { kind: "joining", who, register: message, ref, wants };
        return [{ do: "join", streamId, who }];
      }
      case "payload":
        return this.#complain("NOT_REGISTERED", { ref: parsed.ref }, nowMs);
      case "auth":
        this.#state = { kind: "renewing", who, ref: parsed.ref };
        return [{ do: "verify", token: parsed.token }];
      case "ping":
        return [{ do: "tell", text: pongText(parsed.ref) }];
      case "frame-ack":
        return [];
    }
  }

  #takeWaiting(nowMs: number): readonly Action[] {
    return this.#queue.drain().flatMap((message) => this.#takeWhole(message, nowMs));
  }

  #wait(message: Data, maxBytes: number): readonly Action[] {
    return this.#queue.add(message, maxBytes) === "overflow" ? this.#refuse("TOO_LARGE") : [];
  }

  #complain(code: Code, detail: ErrorDetail, nowMs: number): readonly Action[] {
    if (this.#errors.add(nowMs)) return this.#refuse(code, detail, CLOSE_ERROR_FLOOD);
    return [{ do: "tell", text: errorText(code, detail) }];
  }

  #refuse(code: Code, detail: ErrorDetail = {}, closeCode: number = CODES[code].closeCode): readonly Action[] {
    if (this.#state.kind === "over") return [];
    this.left();
    return [{ do: "refuse", code, detail, closeCode }];
  }
}

function detailOf({ detail: message, reason, retryAfterMs }: Refusal, ref: Ref | undefined): ErrorDetail {
  return { message, reason, retryAfterMs, ref };
}

function parseOne(message: Data) {
  if (typeof message !== "string") return parseBinary(message);
  // Of one message by construction: what holds several was taken apart.
  const [first = parseBinary(new ArrayBuffer(0))] = parseText(message);
  return first;
}
