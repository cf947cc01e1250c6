// How the client of a held socket gets in: the gate looks at its token, and the stream's object is asked to take it.
import type { Authenticated } from "../../auth/authenticator.ts";
import type { Principal } from "../../auth/principal.ts";
import type { Occasion } from "../../auth/verifier.ts";
import { type AuditEventName, identityOf } from "../../connection/audit.ts";
import type { Code } from "../../protocol/codes.ts";
import { TOKEN_MAX_CHARS } from "../../protocol/limits.ts";
import { addressStream } from "../doors/address-stream.ts";
import type { Env } from "../env.ts";
import type { OpenGate } from "../gate.ts";
import type { Presented, Refusal } from "../guard.ts";
import { visitorOf } from "../guard/visitor.ts";
import type { Lease } from "./lease.ts";

export interface EntranceOptions {
  /** The upgrade. */
  readonly request: Request;
  readonly env: Env;
  readonly gate: OpenGate;
  readonly occasion: Occasion;
  /** Taken already where it is known who it is. */
  readonly lease: Lease;
  /** The stream that the path names; undefined where `register` names it. */
  readonly streamId: string | undefined;
  /** Whether other connections of its session may produce the same beside it. */
  readonly isOneOfSeveral?: true;
}

/** `joined`: with the object's end of a socket, which whoever gets it must accept. */
export type Joining =
  | { readonly kind: "joined"; readonly upstream: WebSocket }
  | { readonly kind: "refused"; readonly code: Code };

export class Entrance {
  readonly #options: EntranceOptions;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  /** Whose the token of an `auth` message is; he has his place among his user's connections then. */
  async verify(token: string): Promise<Authenticated | Refusal> {
    const { gate, lease, occasion, request, streamId } = this.#options;
    const presented: Presented =
      token.length > TOKEN_MAX_CHARS ? { kind: "unreadable" } : { kind: "found", token, slot: "any-token" };
    const now = { ...occasion, nowMs: Date.now() };
    const attempt = { visitor: visitorOf(request), occasion: now, isClaim: true, place: "message", streamId } as const;
    const who = await gate.guard.present(presented, attempt);
    if ("code" in who) return who;
    const code = await lease.take(who);
    if (code === undefined) return who;
    this.#note("connection-refused", who.principal, streamId, code);
    return { code };
  }

  async join(streamId: string, { principal, issuedAtS, endsAtMs }: Authenticated): Promise<Joining> {
    const { env, isOneOfSeveral, lease, occasion, request } = this.#options;
    const { connectionId } = lease;
    const beside = isOneOfSeveral === undefined ? {} : { isOneOfSeveral };
    const connection = { streamId, connectionId, hop: "bridged", ...beside, origin: occasion.origin } as const;
    const handoff = { ...connection, principal, issuedAtS, endsAtMs, offeredSubprotocol: false };
    const answer = await addressStream(env, handoff, request.cf);
    if (answer.kind !== "joined") {
      this.#note("connection-refused", principal, streamId, answer.code);
      return { kind: "refused", code: answer.code };
    }
    this.#note("joined", principal, streamId);
    const { webSocket: upstream } = answer.response;
    if (upstream === null) throw new Error("a 101 carries a socket");
    return { kind: "joined", upstream };
  }

  #note(event: AuditEventName, principal: Principal, streamId: string | undefined, code?: Code): void {
    const { gate, lease, request } = this.#options;
    const member = { ...identityOf(principal), connectionId: lease.connectionId, streamId };
    gate.note({ event, ...visitorOf(request), ...member, place: "message", code });
  }
}
