// The real socket.io-client, whose events are awaited, never slept for; each is closed after its test.
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import type { WebSocket } from "ws";
import { Arrivals } from "./arrivals.ts";
import type { Message } from "./client.ts";
import { whenTestIsOver } from "./own-test.ts";
import { fromSomewhere } from "./some-address.ts";

export interface SocketIoOptions extends Partial<ManagerOptions & SocketOptions> {
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

/** What became of a connection, step by step. */
type Turn =
  | { readonly turn: "connected" }
  | { readonly turn: "refused"; readonly message: string; readonly data: unknown; readonly active: boolean }
  | { readonly turn: "disconnected"; readonly reason: string; readonly active: boolean };

const PATIENCE_MS = 10_000;
/** What `ws` takes, and what the type of Engine.IO does not know. */
const UNCOMPRESSED: object = { perMessageDeflate: false };

export class SocketIoClient {
  readonly socket: Socket;
  /** How many transports it opened. */
  opened = 0;
  readonly #events = new Arrivals<Message>();
  readonly #turns = new Arrivals<Turn>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.io.on("open", () => (this.opened += 1));
    // Messages have one argument; a word instead of one is its `data`.
    socket.onAny((type: string, arg: unknown, ...more: readonly unknown[]) => {
      if (more.length > 0) throw new Error(`${type} has ${more.length} arguments more`);
      this.#events.add(typeof arg === "object" ? { ...arg, type } : { data: arg, type });
    });
    socket.on("connect", () => this.#turns.add({ turn: "connected" }));
    socket.on("connect_error", (error: Error & { data?: unknown }) => {
      this.#turns.add({ turn: "refused", message: error.message, data: error.data, active: socket.active });
    });
    socket.on("disconnect", (reason) => this.#turns.add({ turn: "disconnected", reason, active: socket.active }));
  }

  /** Its next turn must be this one. */
  async connected(): Promise<this> {
    await this.#turn("connected");
    return this;
  }

  /** It may be turned away and come back before. */
  async connectedAtLast(): Promise<void> {
    await this.#turns.next("a turn connected", ({ turn }) => turn === "connected");
  }

  refused(): Promise<Turn & { turn: "refused" }> {
    return this.#turn("refused");
  }

  disconnected(): Promise<Turn & { turn: "disconnected" }> {
    return this.#turn("disconnected");
  }

  /** The next event of this name, as the message that it is. */
  next(type: string): Promise<Message> {
    return this.#events.next(`an event ${type}`, (event) => event.type === type);
  }

  nextError(code: string): Promise<Message> {
    return this.#events.next(`an error ${code}`, (event) => event["code"] === code);
  }

  send(type: string, ...args: readonly unknown[]): void {
    this.socket.emit(type, ...args);
  }

  /** Sends and resolves with what it is acknowledged with. */
  ask(type: string, ...args: readonly unknown[]): Promise<Message> {
    return this.socket.timeout(PATIENCE_MS).emitWithAck(type, ...args) as Promise<Message>;
  }

  /** Resolves once all that was sent to it before has arrived. */
  async caughtUp(): Promise<void> {
    await this.ask("ping");
  }

  /** What arrived and was not asked for. */
  get unread(): readonly Message[] {
    return this.#events.unread;
  }

  /** Stops reading, so that what is sent to it waits at the server. */
  stall(): void {
    this.#transport.pause();
  }

  resume(): void {
    this.#transport.resume();
  }

  get #transport(): WebSocket {
    return (this.socket.io.engine.transport as unknown as { readonly ws: WebSocket }).ws;
  }

  async #turn<Name extends Turn["turn"]>(name: Name): Promise<Turn & { turn: Name }> {
    const found = await this.#turns.next(`the turn ${name}`);
    if (!isTurn(found, name)) throw new Error(`it should be ${name} and is ${JSON.stringify(found)}`);
    return found;
  }
}

function isTurn<Name extends Turn["turn"]>(turn: Turn, name: Name): turn is Turn & { turn: Name } {
  return turn.turn === name;
}

/** Begins to connect as its users do, from an address of its own; where it is told to come back it does at once. */
export function openSocketIo(url: URL, { token, headers = {}, ...options }: SocketIoOptions = {}): SocketIoClient {
  const socket = io(url.origin, {
    transports: ["websocket"],
    forceNew: true,
    // Without compression, as production has it: local runs negotiate it in front of the Worker.
    ...UNCOMPRESSED,
    reconnectionDelay: 10,
    reconnectionDelayMax: 100,
    ...(token === undefined ? {} : { auth: { token } }),
    ...options,
    extraHeaders: { ...fromSomewhere(url), ...headers },
  });
  whenTestIsOver(() => void socket.disconnect());
  return new SocketIoClient(socket);
}
