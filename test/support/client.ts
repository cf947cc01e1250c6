// A WebSocket client whose messages are awaited, never slept for.
import type { Socket } from "node:net";
import { WebSocket, type ClientOptions } from "ws";
import { fromSomewhere } from "./some-address.ts";

export type Message = Record<string, unknown> & { type: string };

export interface Binary {
  readonly header: Message;
  readonly payload: Buffer;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

const PATIENCE_MS = 10_000;

/** Every message and the close, in the order of arrival; each is handed out once. */
export class Client {
  readonly socket: WebSocket;
  readonly #texts: Message[] = [];
  readonly #binaries: Binary[] = [];
  #connection: Socket | undefined;
  #closed: Closed | undefined;
  #changed: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.once("upgrade", ({ socket: connection }) => (this.#connection = connection));
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) this.#binaries.push(readEnvelope(data));
      // Lines, where it asked for batches.
      else for (const text of data.toString().split("\n")) this.#texts.push(JSON.parse(text) as Message);
      this.#changed();
    });
    socket.on("close", (code, reason) => {
      this.#closed = { code, reason: reason.toString() };
      this.#changed();
    });
    socket.on("error", () => {}); // what follows is a close, and tests look at that
  }

  /**
   * Resolves once open; rejects with the status where the upgrade was refused. Each comes from an address of its own: all
   * the tests of a gateway together are more than one address may connect.
   */
  static connect(url: string | URL, protocols: string[] = [], options: ClientOptions = {}): Promise<Client> {
    const target = new URL(url);
    target.protocol = target.protocol.replace("http", "ws");
    // Without compression, as production has it: local runs negotiate it in front of the Worker.
    const headers = { ...fromSomewhere(target), ...options.headers };
    const socket = new WebSocket(target, protocols, { perMessageDeflate: false, ...options, headers });
    const client = new Client(socket);
    return new Promise((resolve, reject) => {
      socket.once("open", () => resolve(client));
      socket.once("unexpected-response", (_request, response) => {
        reject(new Refused(response.statusCode ?? 0));
        response.resume();
        socket.terminate();
      });
      socket.once("error", reject);
    });
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Resolves once all that was sent has left this process. */
  sent(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.send('{"type":"ping"}', (error) => (error ? reject(error) : resolve()));
    });
  }

  sendFrame(header: Record<string, unknown>, payload: Uint8Array = new Uint8Array([1, 2, 3])): void {
    this.socket.send(writeEnvelope(header, payload));
  }

  /** Registers and resolves with the `success`. */
  async register(message: Record<string, unknown> = {}): Promise<Message> {
    this.send({ type: "register", ...message });
    return this.next("success");
  }

  /** The next text message of this type; those of other types stay for others. */
  next(type: string): Promise<Message> {
    return this.#wait(`a message ${type}`, () => take(this.#texts, (message) => message.type === type));
  }

  nextError(code: string): Promise<Message> {
    return this.#wait(`an error ${code}`, () => take(this.#texts, (message) => message["code"] === code));
  }

  nextFrame(): Promise<Binary> {
    return this.#wait("a binary message", () => this.#binaries.shift());
  }

  /** What each frame says was dropped before it, up to the one that this finds. */
  async droppedUpTo(isLast: (header: Message) => boolean): Promise<readonly number[]> {
    const dropped: number[] = [];
    for (;;) {
      const { header } = await this.nextFrame();
      dropped.push(Number(header["dropped"]));
      if (isLast(header)) return dropped;
    }
  }

  /** The binary messages that have arrived. */
  takeFrames(): readonly Binary[] {
    return this.#binaries.splice(0);
  }

  closed(): Promise<Closed> {
    return this.#wait("a close", () => this.#closed);
  }

  /** What has arrived and was not asked for. */
  get unread(): readonly (Message | Binary)[] {
    return [...this.#texts, ...this.#binaries];
  }

  /**
   * Resolves once everything that was sent to this client before has arrived: the answer to a ping of a form that the
   * runtime does not answer comes from the object, behind it.
   */
  async caughtUp(): Promise<void> {
    this.send({ type: "ping", ref: "caught up" });
    await this.next("pong");
  }

  /** Stops reading, so that what is sent to it waits at the server. */
  stall(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(code = 1000): void {
    this.socket.close(code);
  }

  /** Sends a close frame as it is, also one that no client may send. */
  closeWith(payload: Uint8Array): void {
    // Masked with zeros, which leave it as it is.
    this.#connection?.write(Uint8Array.from([0x88, 0x80 | payload.length, 0, 0, 0, 0, ...payload]));
  }

  /** Cuts the connection without a close, as a lost network does. */
  cut(): void {
    this.socket.terminate();
  }

  #wait<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => {
        reject(new Error(`${what} did not come; unread: ${JSON.stringify(this.#texts).slice(0, 500)}`));
      }, PATIENCE_MS);
      const before = this.#changed;
      const check = (): void => {
        before();
        const found = look();
        if (found === undefined) return;
        clearTimeout(patience);
        this.#changed = before;
        resolve(found);
      };
      this.#changed = check;
      check();
    });
  }
}

/** An upgrade that was answered with an HTTP status. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

export function writeEnvelope(header: Record<string, unknown>, payload: Uint8Array): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.from([1, 0, text.length >> 8, text.length & 0xff]);
  return Buffer.concat([prefix, text, payload]);
}

export function readEnvelope(data: Buffer): Binary {
  const headerEnd = 4 + data.readUInt16BE(2);
  return { header: JSON.parse(data.subarray(4, headerEnd).toString()) as Message, payload: data.subarray(headerEnd) };
}

function take<T>(items: T[], wanted: (item: T) => boolean): T | undefined {
  const index = items.findIndex(wanted);
  return index < 0 ? undefined : items.splice(index, 1)[0];
}
