// One stream's Durable Object: platform events in, calls to the stream out; no rules of its own.
import { DurableObject } from "cloudflare:workers";
import type { Principal } from "../auth/principal.ts";
import type { Revocation } from "../auth/revocation.ts";
import { VariableReader } from "../auth/variables.ts";
import { answerCloseCode } from "../connection/close.ts";
import { readHandoff, upgradeHeaders } from "../connection/handoff.ts";
import { logBug } from "../connection/log.ts";
import { problem } from "../connection/problem.ts";
import { PING_TEXT, PONG_TEXT } from "../protocol/answers.ts";
import type { Fault } from "../protocol/fault.ts";
import type { JsonObject } from "../protocol/json.ts";
import { readStreamConfig } from "./config.ts";
import type { ObjectEnv } from "./object-env.ts";
import { makeStreamPorts } from "./stream-ports.ts";
import type { PageRequest } from "./stream/alerts/history.ts";
import { Deadlines } from "./stream/deadlines.ts";
import type { FrameView } from "./stream/frames/latest-frames.ts";
import type { Posted } from "./stream/messages/posting.ts";
import type { ExplainQuestion, Explanation } from "./stream/requests/explaining.ts";
import type { AccessView } from "./stream/requests/managing.ts";
import type { OperatorView, Target } from "./stream/requests/operating.ts";
import type { MaybePromise } from "./stream/requests/requesting.ts";
import type { StatusView } from "./stream/requests/status.ts";
import type { TicketEntry, TicketOrder } from "./stream/rights/ticket-ledger.ts";
import { Stream } from "./stream/stream.ts";

export class StreamObject extends DurableObject<ObjectEnv> {
  readonly #stream: Stream;

  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    super(ctx, env);
    const deadlines = new Deadlines(ctx.storage);
    // Problems are ignored here: the Worker lets nobody in while there are any, and each stands for its default.
    const config = readStreamConfig(new VariableReader(env));
    this.#stream = new Stream(config, makeStreamPorts(ctx, env, deadlines));
    // Answered by the runtime, so that a keepalive neither wakes the object nor counts as a message.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT));
    this.#stream.wake(ctx.getWebSockets());
    // Only storage in here: a WebSocket inside hangs (workerd#1088).
    void ctx.blockConcurrencyWhile(async () => {
      deadlines.restore(await ctx.storage.getAlarm());
      this.#stream.awake();
    });
  }

  override async fetch(request: Request): Promise<Response> {
    const handoff = readHandoff(request);
    if (handoff === undefined) return problem("NOT_FOUND");
    const { entering } = this.#stream;
    // Nothing is awaited between the decision and the joining: two could otherwise take the last place.
    const refusal = (await entering.arrive(handoff)) ?? entering.admission(handoff);
    if (refusal !== undefined) return problem(refusal);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#stream.join(server, handoff);
    return new Response(null, { status: 101, webSocket: client, headers: upgradeHeaders(handoff) });
  }

  // RPC from here on. Principals are those that the Worker verified; bodies are JSON of strangers.

  readAccess(principal: Principal, streamId: string): AccessView | Fault {
    return this.#stream.managing.readAccess(principal, streamId);
  }

  changeAccess(principal: Principal, streamId: string, body: JsonObject): MaybePromise<AccessView | Fault> {
    return this.#stream.managing.changeAccess(principal, streamId, body, () => Date.now());
  }

  /** Undefined where the stream is deleted. */
  erase(principal: Principal, streamId: string): MaybePromise<Fault | undefined> {
    return this.#stream.managing.erase(principal, streamId);
  }

  /** JSON text, since a page is long and nobody here reads it. */
  readAlerts(principal: Principal, page: PageRequest): MaybePromise<string | Fault> {
    return this.#stream.requesting.readAlerts(principal, page);
  }

  /** @param type undefined for the deployment's usual one */
  readFrame(principal: Principal, streamId: string, type: string | undefined): MaybePromise<FrameView | Fault> {
    return this.#stream.requesting.readFrame(principal, streamId, type);
  }

  readStatus(principal: Principal, streamId: string): MaybePromise<StatusView | Fault> {
    return this.#stream.requesting.readStatus(principal, streamId);
  }

  /** What stands on a ticket is signed by the Worker: the object knows no key. */
  mintTicket(principal: Principal, streamId: string, order: TicketOrder): TicketEntry | Fault {
    return this.#stream.tickets.mint(principal, streamId, order);
  }

  /** @param payload of a message that is not JSON alone */
  publish(
    principal: Principal,
    streamId: string,
    body: JsonObject,
    payload?: ArrayBuffer,
  ): MaybePromise<Posted | Fault> {
    const bytes = payload === undefined ? undefined : new Uint8Array(payload);
    return this.#stream.requesting.publish(principal, streamId, body, bytes);
  }

  /** For an operator; how many members there were. */
  drain(): number {
    return this.#stream.drain();
  }

  /** For an operator. */
  inspect(streamId: string): OperatorView {
    return this.#stream.operating.view(streamId);
  }

  /** For an operator; nothing is made or changed by it. */
  explain(question: ExplainQuestion): MaybePromise<Explanation> {
    return this.#stream.explaining.explain(question);
  }

  /** For an operator; how many there were. */
  disconnect(target: Target): number {
    return this.#stream.operating.disconnect(target);
  }

  // RPC of the objects of users.

  /** @param graceMs how long members may stay */
  endSessions(revocation: Revocation, graceMs: number): void {
    this.#stream.endSessions(revocation, graceMs);
  }

  /** Which of these connections are live, or about to be. */
  whichLive(connectionIds: readonly string[]): readonly string[] {
    return this.#stream.whichLive(connectionIds);
  }

  /** A connection ends for a newer one. */
  giveWay(connectionId: string): void {
    this.#stream.giveWay(connectionId);
  }

  /** Asked by the object of a user that did not hear what came of a claim. */
  isOnAccountOf(userId: string): boolean {
    return this.#stream.isOnAccountOf(userId);
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
    this.#stream.leave(socket, code);
    // The runtime never answers a close for a hibernatable socket; unanswered, the client sees 1006.
    socket.close(answerCloseCode(code));
  }

  override webSocketError(socket: WebSocket): void {
    this.#stream.leave(socket);
  }

  override alarm(): void {
    this.#stream.sweep();
  }
}
