// A socket that the Worker holds itself: from the upgrade to the bridge that makes it a member of a stream.
import type { Authenticated } from "../../auth/authenticator.ts";
import { answerCloseCode, NORMAL_CLOSURE } from "../../connection/close.ts";
import { logBug } from "../../connection/log.ts";
import { TokenBucket } from "../../connection/token-bucket.ts";
import { errorText, PING_TEXT } from "../../protocol/answers.ts";
import type { Code } from "../../protocol/codes.ts";
import { bytesOf } from "../../protocol/size.ts";
import { Bridge, type HeldClient } from "./bridge.ts";
import { LastHop } from "./bridge/last-hop.ts";
import { Entrance, type EntranceOptions } from "./entrance.ts";
import { Handshake } from "./handshake.ts";
import type { Action } from "./handshake/action.ts";
import { LettingGo } from "./letting-go.ts";

export interface HeldSocketOptions extends EntranceOptions {
  /** Drops the client's connection at once, with all that waits for it. */
  readonly cut: () => void;
  /** Who it is, where the upgrade said so. */
  readonly who: Authenticated | undefined;
}

const OPEN = 1;

export class HeldSocket {
  readonly #client: HeldClient;
  readonly #options: HeldSocketOptions;
  readonly #entrance: Entrance;
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
    this.#entrance = new Entrance(options);
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
        this.#await("verify", this.#verify(action.token));
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

  async #verify(token: string): Promise<readonly Action[]> {
    return this.#handshake.verified(await this.#entrance.verify(token), Date.now());
  }

  async #join(streamId: string, who: Authenticated): Promise<readonly Action[]> {
    const answer = await this.#entrance.join(streamId, who);
    if (answer.kind === "refused") return this.#handshake.joined(answer.code, Date.now());
    const { upstream } = answer;
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
