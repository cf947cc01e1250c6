// In front of an existing Socket.IO server: it never hears of a client whose CONNECT was not checked, and sees no token.
import { BoundedQueue } from "../../../connection/bounded-queue.ts";
import { NORMAL_CLOSURE } from "../../../connection/close.ts";
import { logBug } from "../../../connection/log.ts";
import { type Code, CODES } from "../../../protocol/codes.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import { BEFORE_AUTH_MAX_BYTES, WAITING_BEFORE_AUTH_MAX_BYTES } from "../../../protocol/limits.ts";
import { EngineSocket, type Transport } from "../../edge/engine-io.ts";
import { isFinal } from "../../edge/socket-io/farewell.ts";
import { connectPacketText, disconnectText, type Packet, readPacket } from "../../edge/socket-io/packet.ts";
import { Reception, type ReceptionOptions } from "../../edge/socket-io/reception.ts";
import { WaitingRoom } from "../../edge/waiting-room.ts";
import type { Refusal } from "../../guard.ts";
import { withoutTokensInQuery } from "../identity/withheld.ts";
import type { Pipe } from "../sockets/pipe.ts";
import { ClientEnd } from "./engine-ends.ts";

/** The server's end, opened in somebody's name, and how both are joined. */
export interface Joinable {
  readonly join: (client: ClientEnd) => Pipe;
  /** Where the client is gone meanwhile: nobody else would ever close the server's end. */
  readonly abandon: () => void;
}

export interface SocketIoFrontOptions extends ReceptionOptions {
  /** The word on the first CONNECT with this payload. Rejects only for a bug. */
  readonly open: (auth: JsonObject | undefined) => Promise<Joinable | Refusal>;
  /** The word on a CONNECT to a further namespace: it must be the same client's. */
  readonly check: (auth: JsonObject | undefined) => Promise<Refusal | undefined>;
}

type Message = string | ArrayBuffer;
type Connect = Packet & { readonly kind: "connect" };

/** `joined`: undefined until a first CONNECT was let in. `deciding`: about a CONNECT, behind which all else waits. */
type State = { readonly kind: "listening"; readonly joined: Pipe | undefined } | Deciding | { readonly kind: "over" };

interface Deciding {
  readonly kind: "deciding";
  readonly joined: Pipe | undefined;
  readonly waiting: WaitingRoom;
}

/** A client that connects to more namespaces than any application has wants something else. */
const CONNECTS_MAX = 64;
/** What the server reads as any packet but a CONNECT. It would read a blank as one: `Number(" ")` is 0. */
const OTHER_PACKET = /^[1-6]/;
const CONNECT_PACKET = "0";
/** Without it the namespace would be another one, and its client would wait for ever. */
const TOKEN_IN_NAMESPACE: Refusal = { code: "BAD_REQUEST", detail: "The namespace holds a credential" };

export class SocketIoFront {
  readonly #options: SocketIoFrontOptions;
  readonly #engine: EngineSocket;
  readonly #client: ClientEnd;
  readonly #reception: Reception;
  /** Namespaces that the client was let into or may be. */
  readonly #namespaces = new Set<string>();
  #state: State = { kind: "listening", joined: undefined };
  #connects = 0;

  constructor(transport: Transport, options: SocketIoFrontOptions) {
    this.#options = options;
    this.#engine = new EngineSocket(transport, {
      message: (payload) => this.#receive(payload),
      heard: () => undefined,
      broken: () => this.#end("BAD_MESSAGE"),
      silent: () => this.#end("IDLE"),
      left: () => this.#left(),
      closed: (code) => this.#closed(code),
    });
    this.#reception = new Reception(this.#engine, options, (code) => this.#end(code));
    this.#client = new ClientEnd(this.#engine, () => this.#over());
  }

  start(): void {
    this.#reception.open(this.#options.gate.config.edge.proxyBufferBytes);
  }

  /** The session of its client was revoked, or is over. */
  end(code: Code): void {
    this.#end(code);
  }

  #receive(message: Message): void {
    if (this.#state.kind === "listening") this.#take(message, this.#state.joined);
    else if (this.#state.kind === "deciding") this.#wait(message, this.#state.waiting);
  }

  #wait(message: Message, waiting: WaitingRoom): void {
    const tooMuch = waiting.add(message);
    if (tooMuch !== undefined) this.#end(tooMuch);
  }

  #take(message: Message, joined: Pipe | undefined): void {
    if (typeof message === "string" && message.startsWith(CONNECT_PACKET)) return this.#connect(message, joined);
    const mayPass = joined !== undefined && (typeof message !== "string" || OTHER_PACKET.test(message));
    if (mayPass) this.#client.hear(message);
    else this.#end("BAD_MESSAGE");
  }

  #connect(text: string, joined: Pipe | undefined): void {
    this.#connects += 1;
    const packet = text.length <= BEFORE_AUTH_MAX_BYTES ? readPacket(text) : undefined;
    if (packet?.kind !== "connect" || this.#connects > CONNECTS_MAX) return this.#end("BAD_MESSAGE");
    // From now on it is not the client who is waited for.
    this.#reception.stopWaiting();
    if (holdsToken(packet.namespace)) return this.#refuse(packet, TOKEN_IN_NAMESPACE, joined);
    const { gate } = this.#options;
    const maxBytes = joined === undefined ? WAITING_BEFORE_AUTH_MAX_BYTES : gate.config.edge.proxyBufferBytes;
    this.#state = { kind: "deciding", joined, waiting: new WaitingRoom(new BoundedQueue(), maxBytes, gate) };
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
    if (!this.#reception.refuse(code, detail, namespace)) return;
    // Each namespace takes a CONNECT of its own, so only those in vain count here.
    this.#reception.attempt();
    if (this.#reception.hasTriedAll) return this.#end("AUTH_REQUIRED");
    if (joined === undefined) this.#reception.waitForConnect();
    this.#goOn(joined);
  }

  /** What waited for the decision, until it holds the next one. */
  #goOn(joined: Pipe | undefined): void {
    if (this.#state.kind !== "deciding") return;
    const { waiting } = this.#state;
    this.#state = { kind: "listening", joined };
    // Each is received anew: behind a further CONNECT they wait again.
    for (const message of waiting.drain()) this.#receive(message);
  }

  /** Ends the connection from here, on both sides. */
  #end(code: Code): void {
    const state = this.#state;
    if (state.kind === "over") return;
    this.#over();
    const { closeCode } = CODES[code];
    const last = isFinal(closeCode, code) ? [...this.#namespaces].map(disconnectText) : [];
    for (const packet of last) this.#engine.send(packet);
    if (state.joined === undefined) this.#reception.close(closeCode, code);
    else state.joined.end(code);
  }

  /** The client said so in a packet, and waits for nothing any more. */
  #left(): void {
    const state = this.#state;
    this.#over();
    if (state.kind === "over" || state.joined === undefined) return this.#reception.close(NORMAL_CLOSURE, "");
    this.#engine.close(NORMAL_CLOSURE, "");
    this.#client.gone(NORMAL_CLOSURE);
  }

  #closed(code: number): void {
    const state = this.#state;
    this.#over();
    this.#client.gone(code);
    if (state.kind === "over" || state.joined === undefined) this.#reception.gone();
  }

  #over(): void {
    if (this.#state.kind === "deciding") this.#state.waiting.drain();
    this.#state = { kind: "over" };
    this.#reception.stopWaiting();
  }
}

/** A query in it means nothing to v5 of the protocol, but it would reach the server as it is. */
function holdsToken(namespace: string): boolean {
  return withoutTokensInQuery(namespace) !== namespace;
}
