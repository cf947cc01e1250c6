// One stream's Durable Object: platform events in, calls to the stream out; no rules of its own.
import { DurableObject } from "cloudflare:workers";
import type { Principal } from "../auth/principal.ts";
import { VariableReader, type Variables } from "../auth/variables.ts";
import { answerCloseCode } from "../connection/close.ts";
import { readHandoff, upgradeHeaders } from "../connection/handoff.ts";
import { logBug } from "../connection/log.ts";
import { problem } from "../connection/problem.ts";
import { PING_TEXT, PONG_TEXT } from "../protocol/answers.ts";
import type { Fault } from "../protocol/fault.ts";
import type { JsonObject } from "../protocol/json.ts";
import { readStreamConfig } from "./config.ts";
import { Deadlines } from "./stream/deadlines.ts";
import type { FrameMeta } from "./stream/frame-sinks.ts";
import type { PageRequest } from "./stream/history.ts";
import type { AccessView } from "./stream/managing.ts";
import type { Posted } from "./stream/publishing.ts";
import { Stream } from "./stream/stream.ts";

/** The entrypoint `FrameSink` of a bound Worker. */
interface FrameSinkBinding {
  onFrame(meta: FrameMeta, bytes: ArrayBuffer): Promise<unknown>;
}

export class StreamObject extends DurableObject<Variables> {
  readonly #stream: Stream;

  constructor(ctx: DurableObjectState, env: Variables) {
    super(ctx, env);
    const deadlines = new Deadlines(ctx.storage);
    // Problems are ignored here: the Worker lets nobody in while there are any, and each stands for its default.
    this.#stream = new Stream(readStreamConfig(new VariableReader(env)), {
      storage: ctx.storage,
      deadlines,
      sinks: { call: (binding, meta, bytes) => this.#callSink(binding, meta, bytes), delay },
      now: () => Date.now(),
      randomId: () => crypto.randomUUID(),
    });
    // Answered by the runtime, so that a keepalive neither wakes the object nor counts as a message.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT));
    this.#stream.wake(ctx.getWebSockets());
    // Only storage in here: a WebSocket inside hangs (workerd#1088).
    void ctx.blockConcurrencyWhile(async () => deadlines.restore(await ctx.storage.getAlarm()));
  }

  override fetch(request: Request): Response {
    const handoff = readHandoff(request);
    if (handoff === undefined) return problem("NOT_FOUND");
    const refusal = this.#stream.admission(handoff);
    if (refusal !== undefined) return problem(refusal);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#stream.join(server, handoff);
    return new Response(null, { status: 101, webSocket: client, headers: upgradeHeaders(handoff) });
  }

  /** RPC, for a principal that the Worker verified. */
  readAccess(principal: Principal): AccessView | Fault {
    return this.#stream.managing.readAccess(principal);
  }

  /** RPC, for a principal that the Worker verified; the body is JSON of a stranger. */
  changeAccess(principal: Principal, streamId: string, body: JsonObject): AccessView | Fault {
    return this.#stream.managing.changeAccess(principal, streamId, body, Date.now());
  }

  /** RPC, for a principal that the Worker verified. Undefined where the stream is deleted. */
  erase(principal: Principal): Fault | undefined {
    return this.#stream.managing.erase(principal);
  }

  /** RPC, for a principal that the Worker verified. JSON text, since a page is long and nobody here reads it. */
  readAlerts(principal: Principal, page: PageRequest): string | Fault {
    return this.#stream.history.page(principal, page);
  }

  /** RPC, for a principal that the Worker verified; the body is JSON of a stranger. */
  postAlert(principal: Principal, streamId: string, body: JsonObject): Posted | Fault {
    return this.#stream.post(principal, streamId, body);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    try {
      this.#stream.receive(socket, message);
    } catch (bug) {
      // Left to the runtime, it would neither close the socket nor tell the client.
      logBug("webSocketMessage", bug);
      this.#stream.fail(socket);
    }
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#stream.leave(socket);
    // The runtime never answers a close for a hibernatable socket; unanswered, the client sees 1006.
    socket.close(answerCloseCode(code));
  }

  override webSocketError(socket: WebSocket): void {
    this.#stream.leave(socket);
  }

  override alarm(): void {
    this.#stream.sweep();
  }

  #callSink(binding: string, meta: FrameMeta, bytes: ArrayBuffer): Promise<unknown> {
    // The configuration was checked to name a binding; whether it has the method shows when it is called.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an RPC stub answers to every name
    const call = (this.env[binding] as FrameSinkBinding).onFrame(meta, bytes);
    this.ctx.waitUntil(call.catch(() => undefined));
    return call;
  }
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
}
