// One user's Durable Object: which streams are his, who of his is connected, what of his is revoked. Never asked per message.
import { DurableObject } from "cloudflare:workers";
import type { Revocation, Subject } from "../auth/revocation.ts";
import { VariableReader } from "../auth/variables.ts";
import { answerCloseCode } from "../connection/close.ts";
import { logBug } from "../connection/log.ts";
import { problem } from "../connection/problem.ts";
import { readWatch } from "../connection/watch.ts";
import { PING_TEXT, PONG_TEXT } from "../protocol/answers.ts";
import { streamAt } from "./addresses.ts";
import { ANSWER_TIMEOUT_MS, inTime } from "./answer-in-time.ts";
import { readCredentialLifeMs, readMaxConnectionsPerUser, readMaxStreamsPerUser } from "./config.ts";
import type { ObjectEnv } from "./object-env.ts";
import { Admitting, type Admittance, refusalOf } from "./user/admitting.ts";
import { Connections, type Place } from "./user/connections.ts";
import { type OwnedStream, OwnedStreams } from "./user/owned-streams.ts";
import type { SessionOfUser } from "./user/revocations.ts";
import { Revoking } from "./user/revoking.ts";
import { TicketStreams } from "./user/ticket-streams.ts";
import { Watches } from "./user/watches.ts";

/** A claim or a deletion is over long before. */
const UNSURE_FOR_MS = 60_000;
/** How many streams are asked at once about themselves. */
const ASKED_MAX = 32;
/** Who asks waits for two of these at most, and gives up after five seconds. */
const STREAM_TIMEOUT_MS = 1500;
/** Kept for a socket that is about to be watched. */
const ON_ITS_WAY = { kind: "edge", forMs: ANSWER_TIMEOUT_MS } as const;

export class UserObject extends DurableObject<ObjectEnv> {
  readonly #streams: OwnedStreams;
  readonly #connections: Connections;
  readonly #admitting: Admitting;
  readonly #revoking: Revoking;
  readonly #watches: Watches;

  constructor(ctx: DurableObjectState, env: ObjectEnv) {
    super(ctx, env);
    const { storage } = ctx;
    const variables = new VariableReader(env);
    this.#streams = new OwnedStreams(storage, readMaxStreamsPerUser(variables));
    this.#watches = new Watches(() => ctx.getWebSockets());
    this.#connections = new Connections(storage, readMaxConnectionsPerUser(variables), () => this.#watches.count);
    const tickets = new TicketStreams(storage);
    this.#revoking = new Revoking({
      storage,
      tickets,
      connections: this.#connections,
      keptForMs: readCredentialLifeMs(variables),
      tell: (streamId, revocation, graceMs) => ofStream(streamAt(env, streamId).endSessions(revocation, graceMs)),
      wakeAt: (atMs) => void storage.setAlarm(atMs),
      now,
    });
    this.#admitting = new Admitting({
      connections: this.#connections,
      tickets,
      revocations: this.#revoking.revocations,
      streams: {
        whichLive: (streamId, connectionIds) => ofStream(streamAt(env, streamId).whichLive(connectionIds)),
        giveWay: (streamId, connectionId) => ofStream(streamAt(env, streamId).giveWay(connectionId)),
      },
      now,
    });
  }

  /** RPC of stream objects: a stream may become this user's, or cease to be. False where there is no room for it. */
  async expectStream(userId: string, streamId: string): Promise<boolean> {
    if (this.#streams.expect(streamId, Date.now())) return true;
    await this.#askUnsure(userId);
    return this.#streams.expect(streamId, Date.now());
  }

  /** RPC of stream objects: what came of it. */
  settleStream(streamId: string, isOwned: boolean): void {
    this.#streams.settle(streamId, isOwned, Date.now());
  }

  /** RPC of the Worker. */
  async listStreams(userId: string): Promise<readonly OwnedStream[]> {
    await this.#askUnsure(userId);
    return this.#streams.list();
  }

  /** RPC of stream objects and of the Worker: a connection wants to open, has come to a stream, or shows a newer token. */
  admit(subject: Subject, connectionId: string, place: Place): Admittance | Promise<Admittance> {
    return this.#admitting.admit(subject, connectionId, place);
  }

  /** RPC of the Worker: a socket that it held is gone before it came to a stream. */
  release(connectionId: string): void {
    this.#connections.release(connectionId);
  }

  /** RPC of the Worker: what is revoked of a session of this user. */
  listRevocations(session: SessionOfUser): readonly Revocation[] {
    return this.#revoking.revocations.listOf(session);
  }

  /**
   * RPC of the Worker: from here on nothing new comes in by what is revoked; the streams are told without being waited for.
   * @param graceMs how long live sockets may stay
   */
  revoke(revocation: Revocation, graceMs: number): void {
    this.#inBackground(this.#revoking.revoke(revocation, graceMs));
    this.#watches.tell(revocation, graceMs);
  }

  /** An upgrade of the Worker: it pipes a socket of this user, and wants to hear when that must end. */
  override async fetch(request: Request): Promise<Response> {
    const watched = readWatch(request);
    if (watched === undefined) return problem("BAD_REQUEST");
    const { connectionId } = watched;
    this.#watches.forget(connectionId);
    // Nothing comes between this decision and what follows it.
    const refusal = refusalOf(await this.#admitting.admit(watched.subject, connectionId, ON_ITS_WAY));
    // From here on it is seen, or is not there.
    this.#connections.release(connectionId);
    if (refusal !== undefined) return problem(refusal);
    const { 0: theirs, 1: own } = new WebSocketPair();
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT));
    this.ctx.acceptWebSocket(own);
    this.#watches.add(own, watched);
    return new Response(null, { status: 101, webSocket: theirs });
  }

  /** A socket that is hibernated is not closed by itself. */
  override webSocketClose(socket: WebSocket, code: number): void {
    socket.close(answerCloseCode(code));
  }

  override async alarm(): Promise<void> {
    await this.#revoking.rang();
  }

  #inBackground(work: Promise<unknown>): void {
    this.ctx.waitUntil(work.catch((bug: unknown) => logBug("in the background", bug)));
  }

  /** Asks the streams whose word never came. One that cannot be asked stays unsure. */
  async #askUnsure(userId: string): Promise<void> {
    const unsure = this.#streams.unsure(Date.now() - UNSURE_FOR_MS, ASKED_MAX);
    await Promise.allSettled(
      unsure.map(async (stream) => {
        const isOwned = await streamAt(this.env, stream.streamId).isOnAccountOf(userId);
        this.#streams.settleAsked(stream, isOwned, Date.now());
      }),
    );
  }
}

function now(): number {
  return Date.now();
}

/** Rejects where a stream does not answer. */
function ofStream<Answer>(answer: Promise<Answer>): Promise<Answer> {
  return inTime(answer, STREAM_TIMEOUT_MS, "the stream");
}
