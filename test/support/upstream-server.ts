// A real server of WebSockets behind the gate: it does what paths and messages tell it to, and remembers who came.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { Closed } from "./client.ts";
import { inPatience } from "./plain-client.ts";

/** One that came, as the upstream sees it. */
export interface Guest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly socket: WebSocket;
  readonly closed: Promise<Closed>;
}

/**
 * Paths: `…/hang` never answers, `…/mute` answers and says no word after that, not even to a close, `…/reset` breaks the connection, `…/refuse` says 403, `…/deaf` never reads, `…/late`
 * takes a moment; all else echoes.
 * Messages: `close 4000 why`, `close`, `die`, `say 20` (so many numbers), `flood 20` (so many times 256 KiB).
 */
export class UpstreamServer {
  readonly origin: string;
  readonly guests: Guest[] = [];
  /** Paths of all upgrades that were asked for. */
  readonly asked: string[] = [];
  /** Addresses of those that still wait for an answer, or for any word. */
  readonly hanging = new Set<string>();
  readonly #sockets: WebSocketServer;
  readonly #close: () => Promise<unknown>;

  private constructor(origin: string, sockets: WebSocketServer, close: () => Promise<unknown>) {
    this.origin = origin;
    this.#sockets = sockets;
    this.#close = close;
  }

  static async start(): Promise<UpstreamServer> {
    const http = createServer((_request, response) => response.end("over HTTP"));
    const connections = new Set<Socket>();
    http.on("connection", (connection: Socket) => {
      connections.add(connection);
      connection.on("error", () => {});
      connection.once("close", () => connections.delete(connection));
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const handleProtocols = (offered: Set<string>): string | false =>
      ["chat.v2", "chat.v1"].find((name) => offered.has(name)) ?? false;
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
    const { port } = http.address() as AddressInfo;
    const server = new UpstreamServer(`http://127.0.0.1:${port}`, sockets, async () => {
      for (const connection of connections) connection.destroy();
      http.close();
      await once(http, "close");
    });
    http.on("upgrade", (request, connection: Socket, head) => {
      const { url = "", headers } = request;
      server.asked.push(url);
      const { pathname } = new URL(url, server.origin);
      if (pathname.endsWith("/hang") || pathname.endsWith("/mute")) {
        if (pathname.endsWith("/mute")) connection.write(acceptanceOf(headers["sec-websocket-key"] ?? ""));
        server.hanging.add(url);
        connection.once("close", () => server.hanging.delete(url));
        // Who reads nothing does not learn that the other side is gone.
        connection.resume().once("end", () => connection.end());
        return;
      }
      if (pathname.endsWith("/reset")) {
        connection.resetAndDestroy();
        return;
      }
      if (pathname.endsWith("/refuse")) {
        connection.end(
          "HTTP/1.1 403 Forbidden\r\nX-Auth-User-Id: somebody\r\nX-Why: full\r\nContent-Length: 6\r\n\r\nno way",
        );
        return;
      }
      const accept = (): void =>
        sockets.handleUpgrade(request, connection, head, (socket) => {
          const closed = new Promise<Closed>((resolve) => {
            socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
          });
          socket.on("error", () => {});
          server.guests.push({ url, headers, socket, closed });
          if (pathname.endsWith("/deaf")) socket.pause();
          else serve(socket);
        });
      if (pathname.endsWith("/late")) setTimeout(accept, LATE_MS);
      else accept();
    });
    return server;
  }

  /** The one that came by an address that holds this text. */
  guest(text: string): Guest {
    const guest = this.guests.find(({ url }) => url.includes(text));
    if (guest === undefined) throw new Error(`nobody came by ${text}`);
    return guest;
  }

  /** How the one that came by an address that holds this text was closed. */
  closed(text: string): Promise<Closed> {
    return inPatience(this.guest(text).closed, "a close at the upstream");
  }

  async stop(): Promise<void> {
    this.#sockets.close();
    await this.#close();
  }
}

/** RFC 6455 §1.3. */
function acceptanceOf(key: string): string {
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const headers = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`];
  return ["HTTP/1.1 101 Switching Protocols", ...headers, "", ""].join("\r\n");
}

const FLOOD_BYTES = 262_144;
const LATE_MS = 400;

function serve(socket: WebSocket): void {
  socket.on("message", (data: Buffer, isBinary) => {
    const [word = "", count, ...reason] = isBinary ? [] : data.toString().split(" ");
    switch (word) {
      case "close":
        if (count === undefined) socket.close();
        else socket.close(Number(count), reason.join(" "));
        break;
      case "die":
        socket.terminate();
        break;
      case "say":
        for (let number = 1; number <= Number(count); number += 1) socket.send(String(number));
        break;
      case "flood":
        for (let sent = 0; sent < Number(count); sent += 1) socket.send(Buffer.alloc(FLOOD_BYTES));
        break;
      default:
        socket.send(data, { binary: isBinary });
    }
  });
}
