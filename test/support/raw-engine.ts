// A client of Engine.IO that writes what it likes: for what no library would ever send.
import { WebSocket } from "ws";
import type { Closed } from "./client.ts";
import { readOfficially } from "./official-parser.ts";
import { fromSomewhere } from "./some-address.ts";

const PATIENCE_MS = 10_000;

export class RawEngine {
  readonly socket: WebSocket;
  readonly #messages: (string | Uint8Array)[] = [];
  readonly #closed: Promise<Closed>;
  #arrived: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer, isBinary) => {
      this.#messages.push(isBinary ? new Uint8Array(data) : data.toString());
      this.#arrived();
    });
    socket.on("error", () => {}); // what follows is a close
    this.#closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Resolves with the opening read. */
  static async open(url: URL, query: Record<string, string> = {}): Promise<RawEngine> {
    const target = new URL("/socket.io/", url);
    target.protocol = target.protocol.replace("http", "ws");
    for (const [name, value] of Object.entries({ EIO: "4", transport: "websocket", ...query })) {
      target.searchParams.set(name, value);
    }
    const client = new RawEngine(new WebSocket(target, { perMessageDeflate: false, headers: fromSomewhere(target) }));
    await client.next((text) => text.startsWith("0{"));
    return client;
  }

  /** Connected to its namespace, and registered where the query names a stream. */
  static async connect(url: URL, token: string, query: Record<string, string> = {}): Promise<RawEngine> {
    const client = await RawEngine.open(url, query);
    client.send(`40${JSON.stringify({ token })}`);
    await client.next((text) => text.startsWith("40{"));
    return client;
  }

  send(...messages: readonly (string | Uint8Array)[]): void {
    for (const message of messages) this.socket.send(message);
  }

  /** The first text of those that were not asked for yet; what came before it is forgotten. */
  async next(isIt: (text: string) => boolean): Promise<string> {
    const text = await this.#next((message) => typeof message === "string" && isIt(message));
    return String(text);
  }

  /** The first attachment. */
  async nextBytes(): Promise<Uint8Array> {
    return (await this.#next((message) => typeof message !== "string")) as Uint8Array;
  }

  /** What acknowledges this id. */
  async acknowledgementOf(id: number): Promise<unknown> {
    const text = await this.next((message) => message.startsWith(`43${id}[`));
    const packet = readOfficially([text.slice(1)]);
    return packet === "unfinished" ? undefined : packet.data;
  }

  /** How it ended; what was told before is not looked at. */
  async closed(): Promise<Closed> {
    return inTime(this.#closed, "a close");
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  close(): void {
    this.socket.close();
  }

  #next(isIt: (message: string | Uint8Array) => boolean): Promise<string | Uint8Array> {
    const found = new Promise<string | Uint8Array>((resolve) => {
      const look = (): void => {
        const at = this.#messages.findIndex(isIt);
        if (at < 0) return;
        this.#arrived = () => {};
        resolve(this.#messages.splice(0, at + 1).at(-1) ?? "");
      };
      this.#arrived = look;
      look();
    });
    return inTime(found, "a message");
  }
}

async function inTime<Value>(value: Promise<Value>, what: string): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const patience = setTimeout(() => reject(new Error(`${what} did not come`)), PATIENCE_MS);
  try {
    return await Promise.race([value, promise]);
  } finally {
    clearTimeout(patience);
  }
}
