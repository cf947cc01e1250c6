// The official Socket.IO server at its most permissive, which believes whoever reaches it, and remembers all that did.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";

export class OpenSocketIoServer {
  readonly origin: string;
  /** The addresses of all requests and upgrades, with all that their heads said. */
  readonly asked: { readonly url: string; readonly headers: readonly string[] }[] = [];
  /** Handshakes, in any namespace. */
  readonly handshakes: (Socket["handshake"] & { readonly namespace: string })[] = [];
  /** All packets of Engine.IO that it read. */
  readonly packets: unknown[] = [];
  readonly #server: Server;

  private constructor(origin: string, server: Server) {
    this.origin = origin;
    this.#server = server;
  }

  /** @param path where its clients connect */
  static async start(path: string): Promise<OpenSocketIoServer> {
    const http = createServer((_request, response) => response.end("not Socket.IO"));
    // All that it can be told to allow; its heartbeat is as quick as a test can wait for.
    const server = new Server(http, {
      path,
      allowEIO3: true,
      serveClient: true,
      cors: { origin: true },
      maxHttpBufferSize: 8_000_000,
      pingInterval: 300,
      pingTimeout: 200,
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const open = new OpenSocketIoServer(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, server);
    for (const event of ["request", "upgrade"]) {
      http.prependListener(event, ({ url = "", rawHeaders }: IncomingMessage) =>
        open.asked.push({ url, headers: rawHeaders }),
      );
    }
    server.engine.on("connection", (socket: { on: (event: "packet", listener: (packet: unknown) => void) => void }) =>
      socket.on("packet", (packet) => open.packets.push(packet)),
    );
    const serve = (socket: Socket): void => {
      open.handshakes.push({ ...socket.handshake, namespace: socket.nsp.name });
      socket.onAny((event: string, ...args: unknown[]) => {
        const answer = args.at(-1);
        if (typeof answer === "function") answer(...args.slice(0, -1));
        else socket.emit(event, ...args);
      });
    };
    server.on("connection", serve);
    // Any other that somebody names.
    server.of((_name, _auth, next) => next(null, true)).on("connection", serve);
    return open;
  }

  get namespaces(): readonly string[] {
    return this.handshakes.map(({ namespace }) => namespace);
  }

  /** Everything that it was ever told, for texts that it must not know. */
  get known(): string {
    return JSON.stringify([this.asked, this.handshakes, this.packets]);
  }

  forget(): void {
    for (const list of [this.asked, this.handshakes, this.packets]) list.length = 0;
  }

  async stop(): Promise<void> {
    await this.#server.close();
  }
}
