// How a held client becomes a member of a stream: a machine of states that knows no socket, no clock and no queue.
import type { Authenticated } from "../../../auth/authenticator.ts";
import { DENIED } from "../../../auth/policy.ts";
import { isSamePrincipal, type Operation } from "../../../auth/principal.ts";
import { ErrorFlood } from "../../../connection/error-flood.ts";
import { errorText, type ErrorDetail, pongText, successText } from "../../../protocol/answers.ts";
import { CLOSE_ERROR_FLOOD, type Code, CODES } from "../../../protocol/codes.ts";
import { AUTH_REQUIRED_MAX } from "../../../protocol/limits.ts";
import type { Ref } from "../../../protocol/messages.ts";
import { bytesOf } from "../../../protocol/size.ts";
import type { Refusal } from "../../guard.ts";
import type { Action } from "./action.ts";
import { readOpening } from "./opening.ts";

type Data = string | ArrayBuffer;

export interface IntroductionOptions {
  /** The stream that the path names; undefined where `register` names it. */
  readonly streamId: string | undefined;
  /** Who it is, where that is known from the upgrade. */
  readonly who: Authenticated | undefined;
  readonly connectionId: string;
}

type State =
  | { readonly kind: "unauthenticated"; readonly refusals: number }
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

export class Introduction {
  readonly #options: IntroductionOptions;
  readonly #errors = new ErrorFlood();
  #state: State;

  constructor(options: IntroductionOptions) {
    this.#options = options;
    const { who } = options;
    this.#state = who === undefined ? { kind: "unauthenticated", refusals: 0 } : { kind: "unregistered", who };
  }

  get phase(): State["kind"] {
    return this.#state.kind;
  }

  /** Bytes of the message that waits for the object's word on it. */
  get waitingBytes(): number {
    const register = this.#state.kind === "joining" ? this.#state.register : undefined;
    return register === undefined ? 0 : bytesOf(register);
  }

  /** One message of the client, where no decision is under way. */
  hear(message: Data, nowMs: number): readonly Action[] {
    switch (this.#state.kind) {
      case "unauthenticated":
        return this.#hearStranger(message, this.#state.refusals);
      case "unregistered":
        return this.#hearNewcomer(message, this.#state.who, nowMs);
      case "joined":
        return [{ do: "forward", message }];
      case "over":
        return [];
      case "verifying":
      case "renewing":
      case "joining":
        throw new Error("a message waits for the decision that is under way");
    }
  }

  /** The word on the token of the `auth` message. */
  verified(result: Authenticated | Refusal, nowMs: number): readonly Action[] {
    if (this.#state.kind === "renewing") return this.#renewed(this.#state, result, nowMs);
    if (this.#state.kind !== "verifying") return [];
    if ("code" in result) return this.end(result.code, detailOf(result, this.#state.ref));
    const { streamId } = this.#options;
    // As at the upgrade: uses of a ticket are counted by its stream, and here none is named.
    if (streamId === undefined && result.principal.kind === "ticket") {
      return this.end("AUTH_FAILED", { ref: this.#state.ref });
    }
    const greeting = this.#greet(result, this.#state.ref);
    if (streamId !== undefined) {
      this.#state = { kind: "joining", who: result, register: undefined, ref: undefined, wants: undefined };
      return [greeting, { do: "allow-time-to-register" }, { do: "join", streamId, who: result }];
    }
    this.#state = { kind: "unregistered", who: result };
    return [greeting, { do: "allow-time-to-register" }];
  }

  /** The time to register runs on, so that no client stays by renewing. */
  #renewed(
    { who, ref }: State & { kind: "renewing" },
    result: Authenticated | Refusal,
    nowMs: number,
  ): readonly Action[] {
    if ("code" in result) {
      if (!CODES[result.code].temporary) return this.end(result.code, detailOf(result, ref));
      // Nobody could say whether it is good, and the one before still is.
      this.#state = { kind: "unregistered", who };
      return this.#complain(result.code, detailOf(result, ref), nowMs);
    }
    if (!isSamePrincipal(result.principal, who.principal)) return this.end("AUTH_FAILED", { ref });
    this.#state = { kind: "unregistered", who: result };
    return [this.#greet(result, ref)];
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
      return register === undefined ? [] : [{ do: "forward", message: register }];
    }
    // Where the path names the stream there is nothing else that this socket could do.
    if (this.#options.streamId !== undefined || !CODES[refusal].staysOpen) return this.end(refusal, { ref });
    this.#state = { kind: "unregistered", who };
    // The object that refuses a client without any right has not read what it came for.
    const message = refusal === "UNAUTHORIZED" && wants !== undefined ? DENIED[wants] : undefined;
    return this.#complain(refusal, { message, ref }, nowMs);
  }

  /** A message came faster than the rate allows, and was not looked at. */
  tooFast(retryAfterMs: number, nowMs: number): readonly Action[] {
    if (this.#state.kind === "over") return [];
    if (this.#errors.add(nowMs)) return this.end("RATE_LIMITED", { retryAfterMs });
    return [{ do: "tell", text: errorText("RATE_LIMITED", { retryAfterMs }) }];
  }

  /** It cannot go on, for what it did or for what its holder found. */
  end(code: Code, detail: ErrorDetail = {}, closeCode: number = CODES[code].closeCode): readonly Action[] {
    if (this.#state.kind === "over") return [];
    this.left();
    return [{ do: "refuse", code, detail, closeCode }];
  }

  /** The client is gone. */
  left(): void {
    this.#state = { kind: "over" };
  }

  #hearStranger(message: Data, refusalsBefore: number): readonly Action[] {
    const opening = readOpening(message);
    const { ref } = opening;
    if (opening.kind === "auth") {
      this.#state = { kind: "verifying", ref };
      return [{ do: "verify", token: opening.token }];
    }
    const refusals = refusalsBefore + 1;
    if (refusals >= AUTH_REQUIRED_MAX) return this.end("AUTH_REQUIRED", { ref });
    this.#state = { kind: "unauthenticated", refusals };
    return [{ do: "tell", text: errorText("AUTH_REQUIRED", { ref }) }];
  }

  #hearNewcomer(message: Data, who: Authenticated, nowMs: number): readonly Action[] {
    const opening = readOpening(message);
    const { ref } = opening;
    switch (opening.kind) {
      case "register": {
        const { streamId, wants } = opening;
        // The object reads it as any other message; here it only named the stream.
        this.#state = { kind: "joining", who, register: message, ref, wants };
        return [{ do: "join", streamId, who }];
      }
      case "auth":
        this.#state = { kind: "renewing", who, ref };
        return [{ do: "verify", token: opening.token }];
      case "ping":
        return [{ do: "tell", text: pongText(ref) }];
      case "nothing":
        return [];
      case "unfit":
        return this.#complain(opening.code, opening.detail, nowMs);
    }
  }

  #complain(code: Code, detail: ErrorDetail, nowMs: number): readonly Action[] {
    if (this.#errors.add(nowMs)) return this.end(code, detail, CLOSE_ERROR_FLOOD);
    return [{ do: "tell", text: errorText(code, detail) }];
  }
}

function detailOf({ detail: message, reason, retryAfterMs }: Refusal, ref: Ref | undefined): ErrorDetail {
  return { message, reason, retryAfterMs, ref };
}
