// `StreamGateway`: what Workers that are bound to the gateway may do with streams, without a token.
import { WorkerEntrypoint } from "cloudflare:workers";
import { offersSubprotocol } from "../auth/credential.ts";
import type { Principal } from "../auth/principal.ts";
import { identityOf } from "../connection/audit.ts";
import { problem } from "../connection/problem.ts";
import { streamAt } from "../durable-objects/addresses.ts";
import { auditOf } from "../durable-objects/audit.ts";
import type { FrameView } from "../durable-objects/stream/frames/latest-frames.ts";
import type { Posted } from "../durable-objects/stream/messages/posting.ts";
import type { StatusView } from "../durable-objects/stream/requests/status.ts";
import { type Code, CODES } from "../protocol/codes.ts";
import { type Fault, fault, isFault } from "../protocol/fault.ts";
import { isStreamId } from "../protocol/stream-id.ts";
import { addressStream } from "./doors/address-stream.ts";
import type { Env } from "./env.ts";
import { isTemporary } from "./failed-request.ts";
import { gateOf } from "./gate.ts";
import { toPageRequest } from "./routes/page-request.ts";
import { type Caller, callerOf, isNamed } from "./rpc/caller.ts";
import { type RpcMessage, toPublishable } from "./rpc/message.ts";
import { isUpgrade } from "./upgrade.ts";

/** An expected failure: the same codes as on the wire. A call rejects only for a bug. */
export interface Refused {
  readonly kind: "refused";
  readonly code: Code;
  readonly message: string;
  /** Whether the same call may succeed later. */
  readonly temporary: boolean;
}

/** As `GET /streams/:streamId/alerts`. */
export interface AlertPage {
  readonly kind: "page";
  readonly epoch: string;
  readonly first: number;
  readonly head: number;
  readonly alerts: readonly Record<string, unknown>[];
  readonly next: number | null;
  readonly truncated: boolean;
}

export interface PageOptions {
  /** At most 1000. */
  readonly limit?: number;
  readonly epoch?: string;
}

const UNNAMED_DETAIL = "The binding's props do not say which service this is";
const STREAM_PATH = /^\/streams\/([^/]+)$/;

export class StreamGateway extends WorkerEntrypoint<Env, unknown> {
  /**
   * Publishes a message as the service that the binding's props name. A durable one with an `id` may be repeated: it is
   * stored once.
   * @param message `{type, …}`; `data` as bytes makes it a binary message
   */
  async publish(streamId: string, message: RpcMessage): Promise<Posted | Refused> {
    const publishable = toPublishable(message);
    if (publishable === undefined) return refused(fault("BAD_MESSAGE", "A message is a JSON object", undefined));
    const { body, payload } = publishable;
    const caller = this.#admit(streamId);
    if (!isFault(caller) && !isNamed(caller)) {
      return refused(fault("UNAUTHORIZED", UNNAMED_DETAIL, undefined));
    }
    return this.#ask<Posted>(
      streamId,
      caller,
      async (stream, principal) => await stream.publish(principal, streamId, body, payload),
    );
  }

  /** The newest frame. @param type undefined for the deployment's usual one, `video-frame` */
  latestFrame(streamId: string, type?: string): Promise<FrameView | Refused> {
    return this.#ask<FrameView>(
      streamId,
      this.#admit(streamId),
      async (stream, principal) => await stream.readFrame(principal, streamId, type),
    );
  }

  /** A page of the alerts behind an offset, oldest first; with an `epoch`, only if it is still the stream's. */
  async alerts(streamId: string, after = 0, options?: PageOptions | null): Promise<AlertPage | Refused> {
    const { limit, epoch } = options ?? {};
    const page = toPageRequest(streamId, after, limit, epoch);
    if (page === undefined) return refused(fault("BAD_REQUEST", "Not an offset and a limit", undefined));
    const text = await this.#ask<string>(
      streamId,
      this.#admit(streamId),
      async (stream, principal) => await stream.readAlerts(principal, page),
    );
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own object's JSON
    return typeof text === "string" ? { kind: "page", ...(JSON.parse(text) as Omit<AlertPage, "kind">) } : text;
  }

  /** As `GET /streams/:streamId`. */
  async status(streamId: string): Promise<({ readonly kind: "status" } & StatusView) | Refused> {
    const view = await this.#ask<StatusView>(
      streamId,
      this.#admit(streamId),
      async (stream, principal) => await stream.readStatus(principal, streamId),
    );
    return "code" in view ? view : { kind: "status", ...view };
  }

  /** A WebSocket to `/streams/:streamId`, as the service; it speaks as any client after the upgrade. */
  override async fetch(request: Request): Promise<Response> {
    if (!isUpgrade(request)) return problem("UPGRADE_REQUIRED", { headers: { Upgrade: "websocket" } });
    const streamId = STREAM_PATH.exec(new URL(request.url).pathname)?.[1] ?? "";
    const caller = this.#admit(streamId);
    if (isFault(caller)) return problem(caller.code, { detail: caller.message });
    if (!isNamed(caller)) return problem("UNAUTHORIZED", { detail: UNNAMED_DETAIL });
    const handoff = {
      streamId,
      connectionId: crypto.randomUUID(),
      hop: "direct",
      origin: new URL(request.url).origin,
      principal: caller.principal,
      issuedAtS: undefined,
      endsAtMs: undefined,
      offeredSubprotocol: offersSubprotocol(request.headers),
    } as const;
    const answer = await addressStream(this.env, handoff, request.cf);
    const code = answer.kind === "joined" ? undefined : answer.code;
    const { connectionId, principal } = handoff;
    const member = { place: "rpc", streamId, connectionId, ...identityOf(principal) } as const;
    auditOf(this.env)({ event: code === undefined ? "joined" : "connection-refused", ...member, code });
    return answer.kind === "unreachable" ? problem(answer.code) : answer.response;
  }

  async #ask<Answer>(
    streamId: string,
    caller: Caller | Fault,
    call: (stream: ReturnType<typeof streamAt>, principal: Principal) => Promise<Answer | Fault>,
  ): Promise<Answer | Refused> {
    if (isFault(caller)) return refused(caller);
    try {
      const answer = await call(streamAt(this.env, streamId), caller.principal);
      return isFault(answer) ? refused(answer) : answer;
    } catch (failure) {
      if (isTemporary(failure)) return refused(fault("OVERLOADED", CODES.OVERLOADED.sentence, undefined));
      throw failure;
    }
  }

  #admit(streamId: unknown): Caller | Fault {
    if (gateOf(this.env).kind === "closed") return fault("MISCONFIGURED", CODES.MISCONFIGURED.sentence, undefined);
    if (!isStreamId(streamId)) return fault("INVALID_STREAM_ID", CODES.INVALID_STREAM_ID.sentence, undefined);
    const caller = callerOf(this.ctx.props);
    if (caller === undefined)
      return fault("UNAUTHORIZED", "The binding's props are not {service, streams?}", undefined);
    return caller.mayTouch(streamId)
      ? caller
      : fault("UNAUTHORIZED", "The binding's props do not name this stream", undefined);
  }
}

function refused({ code, message }: Fault): Refused {
  return { kind: "refused", code, message, temporary: CODES[code].temporary };
}
