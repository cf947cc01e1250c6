// A server that speaks just enough of Engine.IO to misbehave: `?does=` says how, and it remembers who came and how that ended.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { Closed } from "./client.ts";
import { inPatience } from "./plain-client.ts";

/** One that came. */
export interface Visit {
  readonly url: string;
  readonly heard: string[];
  readonly socket: WebSocket;
  readonly closed: Promise<Closed>;
  /** Opens the connection, where it was not opened at once. */
  readonly open: () => void;
}

/** Long enough that no test waits for it. */
const HEARTBEAT = { pingInterval: 60_000, pingTimeout: 60_000 };
/** As short as a test can wait for. */
const SHORT_HEARTBEAT = { pingInterval: 200, pingTimeout: 100 };

/**
 * `?does=waits` accepts and does not open, `hangs` does not even accept, `refuses` says 403, `deaf` opens and never reads
 * again, `mute` opens and never pings, though it says that it will; all else opens, answers each CONNECT and echoes.
 */
export class ScriptedEngine {
  readonly origin: string;
  readonly visits: Visit[] = [];
  /** How many asked, be it in vain. */
  asked = 0;
  #came: () => void = () => {};
  readonly #close: () => Promise<unknown>;

  private constructor(origin: string, close: () => Promise<unknown>) {
    this.origin = origin;
    this.#close = close;
  }

  static async start(): Promise<ScriptedEngine> {
    const http = createServer();
    const connections = new Set<Socket>();
    http.on("connection", (connection: Socket) => {
      connections.add(connection);
      connection.on("error", () => {});
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const engine = new ScriptedEngine(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, () => {
      for (const connection of connections) connection.destroy();
      http.close();
      return once(http, "close");
    });
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1_048_576 });
    http.on("upgrade", (request, connection: Socket, head) => {
      const { url = "" } = request;
      const does = new URL(url, engine.origin).searchParams.get("does");
      engine.asked += 1;
      engine.#came();
      if (does === "hangs") return;
      if (does === "refuses") {
        connection.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      sockets.handleUpgrade(request, connection, head, (socket) => engine.#serve(url, does, socket));
    });
    return engine;
  }

  /** Resolves with the one that comes next by an address that holds this text, or has. */
  async visit(text: string): Promise<Visit> {
    for (;;) {
      const visit = this.visits.find(({ url }) => url.includes(text));
      if (visit !== undefined) return visit;
      await this.#next();
    }
  }

  /** Resolves once so many have asked. */
  async wasAsked(times: number): Promise<void> {
    while (this.asked < times) await this.#next();
  }

  async stop(): Promise<void> {
    await this.#close();
  }

  #next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#came = resolve;
    return inPatience(promise, "a visit");
  }

  #serve(url: string, does: string | null, socket: WebSocket): void {
    const times = does === "mute" ? SHORT_HEARTBEAT : HEARTBEAT;
    const open = (): void => socket.send(`0${JSON.stringify({ sid: "s", upgrades: [], ...times })}`);
    const heard: string[] = [];
    const closed = new Promise<Closed>((resolve) => {
      socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on("error", () => {});
    socket.on("message", (data: Buffer, isBinary) => {
      const text = isBinary ? `${data.byteLength} bytes` : data.toString();
      heard.push(text.slice(0, 100));
      if (text.startsWith("40")) {
        socket.send('40{"sid":"of-the-server"}');
        if (does === "deaf") socket.pause();
      } else if (text.startsWith("42")) {
        const [, count] = /flood (\d+)/.exec(text) ?? [];
        for (let sent = 0; sent < Number(count ?? 0); sent += 1) socket.send(Buffer.alloc(262_144));
        if (count === undefined) socket.send(text);
      } else if (isBinary) socket.send(data);
    });
    this.visits.push({ url, heard, socket, closed, open });
    if (does !== "waits") open();
    this.#came();
  }
}
