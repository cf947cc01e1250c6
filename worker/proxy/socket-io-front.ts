// In front of an existing Socket.IO server: it never hears of a client whose CONNECT was not checked, and sees no token.
import { logBug } from "../../connection/log.ts";
import { type Code, CODES } from "../../protocol/codes.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { BEFORE_AUTH_MAX_BYTES, WAITING_BEFORE_AUTH_MAX_BYTES, WAITING_MAX_MESSAGES } from "../../protocol/limits.ts";
import { bytesOf } from "../../protocol/size.ts";
import type { EdgeMemory } from "../edge/edge-memory.ts";
import { EngineSocket, type Transport } from "../edge/engine-io.ts";
import { LettingGo } from "../edge/letting-go.ts";
import { Patience } from "../edge/socket-io/patience.ts";
import { refuseConnect } from "../edge/socket-io/refuse-connect.ts";
import type { SocketIoPath } from "../edge/socket-io/config.ts";
import { connectPacketText, disconnectText, type Packet, readPacket } from "../edge/socket-io/packet.ts";
import type { Config } from "../config.ts";
import type { Refusal } from "../guard.ts";
import { ClientEnd } from "./engine-ends.ts";
import type { Pipe } from "./pipe.ts";
import { withoutTokensInQuery } from "./withheld.ts";

/** The server's end, opened in somebody's name, and how both are joined. */
export interface Joinable {
  readonly join: (client: ClientEnd) => Pipe;
  /** Where the client is gone meanwhile: nobody else would ever close the server's end. */
  readonly abandon: () => void;
}

export interface SocketIoFrontOptions {
  readonly gate: { readonly config: Pick<Config, "edge" | "stream">; readonly memory: EdgeMemory };
  readonly path: SocketIoPath;
  /** Drops the client's connection at once, with all that waits for it. */
  readonly cut: () => void;
  /** The word on the first CONNECT with this payload. Rejects only for a bug. */
  readonly open: (auth: JsonObject | undefined) => Promise<Joinable | Refusal>;
  /** The word on a CONNECT to a further namespace: it must be the same client's. */
  readonly check: (auth: JsonObject | undefined) => Promise<Refusal | undefined>;
  readonly randomId: () => string;
  /** From 0 to below 1. */
  readonly random: () => number;
}

type Message = string | ArrayBuffer;
type Connect = Packet & { readonly kind: "connect" };

/** `joined`: undefined until a first CONNECT was let in. `deciding`: about a CONNECT, behind which all else waits. */
type State = { readonly kind: "listening"; readonly joined: Pipe | undefined } | Deciding | { readonly kind: "over" };

interface Deciding {
  readonly kind: "deciding";
  readonly joined: Pipe | undefined;
  readonly queue: Message[];
}

/** Over one transport; a client that is refused again and again is not going to be let in. */
const REFUSALS_MAX = 5;
/** A client that connects to more namespaces than any application has wants something else. */
const CONNECTS_MAX = 64;
/** What the server reads as any packet but a CONNECT. It would read a blank as one: `Number(" ")` is 0. */
const OTHER_PACKET = /^[1-6]/;
const CONNECT_PACKET = "0";
const NORMAL_CLOSURE = 1000;
/** Without it the namespace would be another one, and its client would wait for ever. */
const TOKEN_IN_NAMESPACE: Refusal = { code: "BAD_REQUEST", detail: "The namespace holds a credential" };

export class SocketIoFront {
  readonly #options: SocketIoFrontOptions;
  readonly #engine: EngineSocket;
  readonly #client: ClientEnd;
  readonly #lettingGo: LettingGo;
  /** Namespaces that the client was let into or may be. */
  readonly #namespaces = new Set<string>();
  #state: State = { kind: "listening", joined: undefined };
  #refusals = 0;
  #connects = 0;
  readonly #patience: Patience;

  constructor(transport: Transport, options: SocketIoFrontOptions) {
    this.#options = options;
    const { gate, cut } = options;
    this.#engine = new EngineSocket(transport, {
      message: (payload) => this.#receive(payload),
      heard: () => undefined,
      broken: () => this.#end("BAD_MESSAGE"),
      silent: () => this.#end("IDLE"),
      left: () => this.#left(),
      closed: (code) => this.#closed(code),
    });
    this.#patience = new Patience(gate.config.edge.authTimeoutMs, options.random, (code) => this.#end(code));
    this.#client = new ClientEnd(this.#engine, () => this.#over());
    const { stallMs } = gate.config.stream.outbox;
    this.#lettingGo = new LettingGo({ client: transport, memory: gate.memory, stallMs, cut });
  }

  start(): void {
    this.#engine.open(this.#options.randomId(), this.#options.gate.config.edge.proxyBufferBytes);
    this.#patience.allowTimeToConnect();
  }

  /** The session of its client was revoked, or is over. */
  end(code: Code): void {
    this.#end(code);
  }

  #receive(message: Message): void {
    if (this.#state.kind === "listening") this.#take(message, this.#state.joined);
    else if (this.#state.kind === "deciding") this.#wait(message, this.#state);
  }

  #take(message: Message, joined: Pipe | undefined): void {
    if (typeof message === "string" && message.startsWith(CONNECT_PACKET)) return this.#connect(message, joined);
    const mayPass = joined !== undefined && (typeof message !== "string" || OTHER_PACKET.test(message));
    if (mayPass) this.#client.hear(message);
    else this.#end("BAD_MESSAGE");
  }

  #wait(message: Message, { joined, queue }: Deciding): void {
    const { config, memory } = this.#options.gate;
    queue.push(message);
    const bytes = queue.reduce((sum, one) => sum + bytesOf(one), 0);
    const maxBytes = joined === undefined ? WAITING_BEFORE_AUTH_MAX_BYTES : config.edge.proxyBufferBytes;
    if (queue.length > WAITING_MAX_MESSAGES || bytes > maxBytes) return this.#end("TOO_LARGE");
    memory.report(this, bytes);
    if (memory.bytes > config.edge.edgeBufferBytes) this.#end("OVERLOADED");
  }

  #connect(text: string, joined: Pipe | undefined): void {
    this.#connects += 1;
    const packet = text.length <= BEFORE_AUTH_MAX_BYTES ? readPacket(text) : undefined;
    if (packet?.kind !== "connect" || this.#connects > CONNECTS_MAX) return this.#end("BAD_MESSAGE");
    // From now on it is not the client who is waited for.
    this.#patience.stop();
    if (holdsToken(packet.namespace)) return this.#refuse(packet, TOKEN_IN_NAMESPACE, joined);
    this.#state = { kind: "deciding", joined, queue: [] };
    const decided = joined === undefined ? this.#openFor(packet) : this.#checkFor(packet, joined);
    decided.catch((bug: unknown) => {
      logBug("connect", bug);
      this.#end("INTERNAL");
    });
  }

  async #openFor(packet: Connect): Promise<void> {
    const result = await this.#options.open(packet.auth);
    if (this.#state.kind !== "deciding") {
      if ("abandon" in result) result.abandon();
      return;
    }
    if ("code" in result) return this.#refuse(packet, result, undefined);
    this.#letIn(packet, result.join(this.#client));
  }

  async #checkFor(packet: Connect, joined: Pipe): Promise<void> {
    const refusal = await this.#options.check(packet.auth);
    if (this.#state.kind !== "deciding") return;
    if (refusal === undefined) this.#letIn(packet, joined);
    else this.#refuse(packet, refusal, joined);
  }

  /** The server sees the CONNECT without the token; everything else in it is between the two. */
  #letIn({ namespace, auth }: Connect, joined: Pipe): void {
    const { token: _token, ...rest } = auth ?? {};
    this.#namespaces.add(namespace);
    this.#client.hear(connectPacketText(namespace, auth && rest));
    this.#goOn(joined);
  }

  #refuse({ namespace }: Connect, { code, ...detail }: Refusal, joined: Pipe | undefined): void {
    const { path, randomId } = this.#options;
    const packets = refuseConnect(code, detail, path, randomId, namespace);
    // A client that reads CONNECT_ERROR does not come back by itself, and this one should.
    if (packets === undefined) return this.#patience.partLater(code);
    for (const packet of packets) this.#engine.send(packet);
    this.#refusals += 1;
    if (this.#refusals >= REFUSALS_MAX) return this.#end("AUTH_REQUIRED");
    if (joined === undefined) this.#patience.allowTimeToConnect();
    this.#goOn(joined);
  }

  /** What waited for the decision, until it holds the next one. */
  #goOn(joined: Pipe | undefined): void {
    if (this.#state.kind !== "deciding") return;
    const { queue } = this.#state;
    this.#options.gate.memory.report(this, 0);
    this.#state = { kind: "listening", joined };
    // Each is received anew: behind a further CONNECT they wait again.
    for (const message of queue) this.#receive(message);
  }

  /** Ends the connection from here, on both sides. */
  #end(code: Code): void {
    const state = this.#state;
    if (state.kind === "over") return;
    this.#over();
    const { closeCode, temporary } = CODES[code];
    // Who only loses its transport comes back, and asks for a fresh token first; after these it does not.
    const last = temporary ? [] : [...this.#namespaces].map(disconnectText);
    for (const packet of last) this.#engine.send(packet);
    if (state.joined !== undefined) return state.joined.end(code);
    this.#engine.close(closeCode, code);
    this.#lettingGo.begin();
  }

  /** The client said so in a packet, and waits for nothing any more. */
  #left(): void {
    const state = this.#state;
    this.#over();
    this.#engine.close(NORMAL_CLOSURE, "");
    if (state.kind !== "over" && state.joined !== undefined) this.#client.gone(NORMAL_CLOSURE);
    else this.#lettingGo.begin();
  }

  #closed(code: number): void {
    const state = this.#state;
    this.#over();
    this.#client.gone(code);
    if (state.kind === "over" || state.joined === undefined) this.#lettingGo.ended();
  }

  #over(): void {
    this.#state = { kind: "over" };
    this.#patience.stop();
    this.#options.gate.memory.report(this, 0);
  }
}

/** A query in it means nothing to v5 of the protocol, but it would reach the server as it is. */
function holdsToken(namespace: string): boolean {
  return withoutTokensInQuery(namespace) !== namespace;
}
