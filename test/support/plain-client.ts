// A WebSocket client that takes messages as they are, for what lies behind a route; each is awaited, never slept for.
import { type ClientOptions, WebSocket } from "ws";
import type { Closed } from "./client.ts";
import { fromSomewhere } from "./some-address.ts";

/** An upgrade that was answered over HTTP. */
export interface Answered {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

const PATIENCE_MS = 15_000;

export class PlainClient {
  readonly socket: WebSocket;
  /** All that has arrived, in its order. */
  readonly messages: (string | Buffer)[] = [];
  /** Of the 101. */
  headers: Answered["headers"] = {};
  readonly #closed: Promise<Closed>;
  #arrived: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.once("upgrade", ({ headers }) => (this.headers = headers));
    socket.on("message", (data: Buffer, isBinary) => {
      this.messages.push(isBinary ? data : data.toString());
      this.#arrived();
    });
    socket.on("error", () => {}); // what follows is a close, and tests look at that
    this.#closed = new Promise((resolve) => {
      socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Resolves once open. */
  static async connect(url: URL, protocols: string[] = [], options: ClientOptions = {}): Promise<PlainClient> {
    const result = await PlainClient.knock(url, protocols, options);
    if (result instanceof PlainClient) return result;
    throw new Error(`refused with ${result.status}: ${result.body}`);
  }

  /** The same where it may be refused. */
  static knock(url: URL, protocols: string[] = [], options: ClientOptions = {}): Promise<PlainClient | Answered> {
    const target = new URL(url);
    target.protocol = target.protocol.replace("http", "ws");
    const headers = { ...fromSomewhere(target), ...options.headers };
    const socket = new WebSocket(target, protocols, { perMessageDeflate: false, ...options, headers });
    const client = new PlainClient(socket);
    return new Promise((resolve, reject) => {
      socket.once("open", () => resolve(client));
      socket.once("unexpected-response", (_request, response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const { statusCode: status = 0, headers: answered } = response;
          resolve({ status, headers: answered, body: Buffer.concat(chunks).toString() });
          socket.terminate();
        });
      });
      socket.once("error", reject);
    });
  }

  send(message: string | Buffer): void {
    this.socket.send(message);
  }

  /** Resolves once it has left this process, or the connection is gone. */
  sent(message: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.socket.send(message, () => resolve());
    });
  }

  /** Resolves with all messages once there are so many. */
  async arrived(count: number): Promise<readonly (string | Buffer)[]> {
    while (this.messages.length < count) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#arrived = () => resolve(undefined);
      // oxlint-disable-next-line no-await-in-loop -- one after the other is how they arrive
      await inPatience(promise, `message ${this.messages.length + 1}`);
    }
    return this.messages;
  }

  closed(): Promise<Closed> {
    return inPatience(this.#closed, "a close");
  }
}

export async function inPatience<T>(awaited: Promise<T>, what: string): Promise<T> {
  const { promise: tooLong, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} did not come`)), PATIENCE_MS);
  try {
    return await Promise.race([awaited, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
