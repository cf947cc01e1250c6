// Engine.IO written by hand, for what no real client of Socket.IO sends.
import { WebSocket } from "ws";
import { Arrivals } from "./arrivals.ts";
import { type Closed, Refused } from "./client.ts";
import { whenTestIsOver } from "./own-test.ts";
import { fromSomewhere } from "./some-address.ts";

export class EngineClient {
  /** The packet that opens the connection. */
  first = "";
  readonly #socket: WebSocket;
  readonly #packets = new Arrivals<string>();
  readonly #closes = new Arrivals<Closed>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer, isBinary) => this.#packets.add(isBinary ? `b${data.length}` : data.toString()));
    socket.on("close", (code, reason) => this.#closes.add({ code, reason: reason.toString() }));
    socket.on("error", () => {}); // what follows is a close, and tests look at that
  }

  /** Resolves once the first packet has come; rejects where the upgrade was refused. */
  static async connect(url: URL, query = "", headers: Record<string, string> = {}): Promise<EngineClient> {
    const target = new URL(`/socket.io/?EIO=4&transport=websocket${query}`, url);
    target.protocol = target.protocol.replace("http", "ws");
    const socket = new WebSocket(target, { perMessageDeflate: false, headers: { ...fromSomewhere(url), ...headers } });
    const client = new EngineClient(socket);
    const refused = new Promise<never>((_resolve, reject) => {
      socket.once("unexpected-response", (_request, response) => {
        reject(new Refused(response.statusCode ?? 0));
        response.resume();
        socket.terminate();
      });
    });
    client.first = await Promise.race([client.next("0{"), refused]);
    return client;
  }

  send(packet: string | Uint8Array): void {
    this.#socket.send(packet);
  }

  /** The next packet that begins so. */
  next(start: string): Promise<string> {
    return this.#packets.next(`a packet ${start}`, (packet) => packet.startsWith(start));
  }

  closed(): Promise<Closed> {
    return this.#closes.next("a close");
  }

  /** Cuts the connection without a close. */
  cut(): void {
    this.#socket.terminate();
  }

  get unread(): readonly string[] {
    return this.#packets.unread;
  }
}

/** For one test: closed when that is over. @param query behind those of Engine.IO */
export async function openEngine(url: URL, query = "", headers: Record<string, string> = {}): Promise<EngineClient> {
  const client = await EngineClient.connect(url, query, headers);
  whenTestIsOver(() => client.cut());
  return client;
}
