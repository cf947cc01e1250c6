// A socket that the Worker holds itself: from the upgrade to the bridge that makes it a member of a stream.
import type { Authenticated } from "../../auth/authenticator.ts";
import type { Occasion } from "../../auth/verifier.ts";
import { ABNORMAL_CLOSURE, answerCloseCode } from "../../connection/close.ts";
import { type AuditEventName, identityOf } from "../../connection/audit.ts";
import { logBug } from "../../connection/log.ts";
import { TokenBucket } from "../../connection/token-bucket.ts";
import { errorText, PING_TEXT } from "../../protocol/answers.ts";
import type { Code } from "../../protocol/codes.ts";
import { TOKEN_MAX_CHARS } from "../../protocol/limits.ts";
import { bytesOf } from "../../protocol/size.ts";
import { auditOf } from "../../durable-objects/audit.ts";
import { addressStream } from "../address-stream.ts";
import type { Env } from "../env.ts";
import type { OpenGate } from "../gate.ts";
import type { Presented, Refusal } from "../guard.ts";
import { heldUpgradeHeaders } from "../refusal.ts";
import { visitorOf } from "../visitor.ts";
import { Bridge, type HeldClient } from "./bridge.ts";
import { type Action, Handshake } from "./handshake.ts";
import { LastHop } from "./last-hop.ts";
import type { Lease } from "./lease.ts";
import { LettingGo } from "./letting-go.ts";

export interface HeldSocketOptions {
  readonly request: Request;
  readonly env: Env;
  readonly gate: OpenGate;
  readonly occasion: Occasion;
  /** Drops the client's connection at once, with all that waits for it. */
  readonly cut: () => void;
  /** Taken already where it is known who it is. */
  readonly lease: Lease;
  /** The stream that the path names; undefined where `register` names it. */
  readonly streamId: string | undefined;
  /** Who it is, where the upgrade said so. */
  readonly who: Authenticated | undefined;
  /** Whether other connections of its session may produce the same beside it. */
  readonly isOneOfSeveral?: true;
}

const OPEN = 1;
const NORMAL_CLOSURE = 1000;

/** Answers an upgrade with a socket of its own; no object is addressed before the client is known. */
export function holdSocket(options: HeldSocketOptions): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.binaryType = "arraybuffer"; // the default is Blob since 2026-03-17
  server.accept({ allowHalfOpen: true });
  const held = new HeldSocket(server, options);
  held.start();
  server.addEventListener("message", ({ data }) => held.receive(data));
  server.addEventListener("close", ({ code }) => held.left(code));
  server.addEventListener("error", () => held.left(ABNORMAL_CLOSURE));
  return new Response(null, { status: 101, webSocket: client, headers: heldUpgradeHeaders(options.request) });
}

export class HeldSocket {
  readonly #client: HeldClient;
  readonly #options: HeldSocketOptions;
  readonly #handshake: Handshake;
  readonly #bucket: TokenBucket;
  readonly #lastHop: LastHop;
  readonly #lettingGo: LettingGo;
  #bridge: Bridge | undefined;
  #sendsKeepalives = false;
  #deadline: ReturnType<typeof setTimeout> | null = null;

  constructor(client: HeldClient, options: HeldSocketOptions) {
    this.#client = client;
    this.#options = options;
    const { streamId, who, gate, lease } = options;
    const { lanes, maxMessageBytes, outbox, rate } = gate.config.stream;
    const bounds = { ...outbox, objectBufferBytes: gate.config.edge.edgeBufferBytes };
    this.#lastHop = new LastHop(client, bounds, gate.memory);
    this.#lettingGo = new LettingGo({ client, memory: gate.memory, stallMs: outbox.stallMs, cut: options.cut });
    this.#bucket = new TokenBucket(rate, Date.now());
    this.#handshake = new Handshake({ streamId, who, connectionId: lease.connectionId, lanes, maxMessageBytes });
  }

  start(): void {
    const { authTimeoutMs, registerTimeoutMs } = this.#options.gate.config.edge;
    this.#allow(this.#options.who === undefined ? authTimeoutMs : registerTimeoutMs);
  }

  /** A message of the client. */
  receive(message: string | ArrayBuffer): void {
    if (this.#bridge !== undefined) return this.#bridge.toObject(message);
    if (message === PING_TEXT) this.#sendsKeepalives = true;
    const nowMs = Date.now();
    // Once it is a member the object counts.
    const retryAfterMs = this.#bucket.take(1, bytesOf(message), nowMs);
    this.#perform(
      retryAfterMs > 0 ? this.#handshake.tooFast(retryAfterMs, nowMs) : this.#handshake.receive(message, nowMs),
    );
  }

  /** Within the bound of any consumer: a client that asks and does not read is closed. */
  #tell(text: string): void {
    if (this.#client.readyState !== OPEN || this.#lastHop.tell(text, Date.now()) !== "overflow") return;
    this.#endHandshake("SLOW_CONSUMER");
  }

  #perform(actions: readonly Action[]): void {
    for (const action of actions) this.#do(action);
    if (this.#bridge !== undefined) return;
    const { config, memory } = this.#options.gate;
    memory.report(this, this.#handshake.waitingBytes);
    if (this.#handshake.waitingBytes === 0 || memory.bytes <= config.edge.edgeBufferBytes) return;
    this.#endHandshake("OVERLOADED");
    memory.report(this, 0);
  }

  /** A word of the gateway's own, behind all that was said before. */
  tell(text: string): void {
    if (this.#bridge === undefined) this.#tell(text);
    else this.#bridge.tell(text);
  }

  /** Ends the connection from here, for what is not the stream's business. */
  end(code: Code, closeCode?: number): void {
    if (this.#bridge === undefined) this.#endHandshake(code, closeCode);
    else this.#bridge.end(code, closeCode);
  }

  #endHandshake(code: Code, closeCode?: number): void {
    for (const action of this.#handshake.end(code, closeCode)) this.#do(action);
  }

  #do(action: Action): void {
    switch (action.do) {
      case "tell":
        this.#tell(action.text);
        break;
      case "refuse":
        clearTimeout(this.#deadline);
        this.#options.lease.giveBack();
        if (this.#client.readyState !== OPEN) break;
        this.#client.send(errorText(action.code, action.detail));
        this.#client.close(action.closeCode, action.code);
        this.#lettingGo.begin();
        break;
      case "verify":
        this.#await(
          "verify",
          this.#verify(action.token).then((result) => this.#handshake.verified(result, Date.now())),
        );
        break;
      case "allow-time-to-register":
        this.#allow(this.#options.gate.config.edge.registerTimeoutMs);
        break;
      case "join":
        this.#await("join", this.#join(action.streamId, action.who));
        break;
      case "forward":
        this.#bridge?.toObject(action.message);
        break;
    }
  }

  /** A bug on the way ends this socket and nothing else. */
  #await(where: string, work: Promise<readonly Action[]>): void {
    work
      .then((actions) => this.#perform(actions))
      .catch((bug: unknown) => {
        logBug(where, bug);
        this.#perform(this.#handshake.end("INTERNAL"));
      });
  }

  async #verify(token: string): Promise<Authenticated | Refusal> {
    const { gate, lease, occasion, request, streamId } = this.#options;
    const presented: Presented =
      token.length > TOKEN_MAX_CHARS ? { kind: "unreadable" } : { kind: "found", token, slot: "any-token" };
    const now = { ...occasion, nowMs: Date.now() };
    const attempt = { visitor: visitorOf(request), occasion: now, isClaim: true, place: "message", streamId } as const;
    const who = await gate.guard.present(presented, attempt);
    if ("code" in who) return who;
    const code = await lease.take(who);
    return code === undefined ? who : { code };
  }

  async #join(streamId: string, { principal, issuedAtS, endsAtMs }: Authenticated): Promise<readonly Action[]> {
    const { env, isOneOfSeveral, lease, occasion, request } = this.#options;
    const { connectionId } = lease;
    const beside = isOneOfSeveral === undefined ? {} : { isOneOfSeveral };
    const connection = { streamId, connectionId, hop: "bridged", ...beside, origin: occasion.origin } as const;
    const handoff = { ...connection, principal, issuedAtS, endsAtMs, offeredSubprotocol: false };
    const member = { place: "message", streamId, connectionId, ...identityOf(principal) } as const;
    const note = (event: AuditEventName, code?: Code): void =>
      auditOf(env)({ event, ...visitorOf(request), ...member, code });
    const answer = await addressStream(env, handoff, request.cf);
    if (answer.kind !== "joined") {
      note("connection-refused", answer.code);
      return this.#handshake.joined(answer.code, Date.now());
    }
    note("joined");
    const upstream = answer.response.webSocket;
    if (upstream === null) throw new Error("a 101 carries a socket");
    if (this.#client.readyState !== OPEN) {
      // Gone meanwhile; nobody would ever close the object's end.
      upstream.accept();
      upstream.close(NORMAL_CLOSURE);
      return [];
    }
    this.#bridgeTo(upstream);
    return this.#handshake.joined(undefined, Date.now());
  }

  #bridgeTo(upstream: WebSocket): void {
    const { config, memory } = this.#options.gate;
    memory.report(this, 0);
    const { idleTimeoutMs } = config.stream;
    const [client, lastHop, lettingGo] = [this.#client, this.#lastHop, this.#lettingGo];
    // The time to register runs on until the object says that it is done.
    const registered = (): void => clearTimeout(this.#deadline);
    this.#bridge = new Bridge({ client, upstream, lastHop, lettingGo, memory, idleTimeoutMs, registered });
    if (this.#sendsKeepalives) this.#bridge.watchForSilence();
  }

  /** Starts the time for the next step anew. */
  #allow(ms: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      if (this.#bridge === undefined) this.#perform(this.#handshake.timedOut());
      else this.#bridge.end("REGISTER_TIMEOUT");
    }, ms);
  }

  /** The client closed or was lost. */
  left(code: number): void {
    clearTimeout(this.#deadline);
    if (this.#bridge !== undefined) return this.#bridge.clientClosed(code);
    this.#lettingGo.ended();
    this.#options.lease.giveBack();
    this.#handshake.left();
    this.#options.gate.memory.report(this, 0);
    this.#client.close(answerCloseCode(code));
  }
}
