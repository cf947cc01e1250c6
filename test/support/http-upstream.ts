// A server behind the gate, on a port of its own, that does what a test says and remembers what it was sent.
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One request, as it came over the wire. */
export interface Arrived {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** In lower case; a name that came twice has both values. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export class HttpUpstream {
  readonly origin: string;
  readonly arrived: Arrived[] = [];
  readonly #server: Server;

  private constructor(server: Server, arrived: Arrived[]) {
    const { port } = server.address() as AddressInfo;
    this.origin = `http://127.0.0.1:${port}`;
    this.#server = server;
    this.arrived = arrived;
  }

  /** @param answer to each request, once it is noted */
  static async start(answer: RequestListener): Promise<HttpUpstream> {
    const arrived: Arrived[] = [];
    const server = createServer((incoming, outgoing) => {
      arrived.push(asArrived(incoming));
      // Where a connection breaks that it had kept, the runtime asks again by itself, whatever was asked.
      outgoing.shouldKeepAlive = false;
      answer(incoming, outgoing);
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    return new HttpUpstream(server, arrived);
  }

  /** What came to this path, whatever came beside it. */
  at(path: string): readonly Arrived[] {
    return this.arrived.filter(({ target }) => target.split("?", 1)[0] === path);
  }

  async stop(): Promise<void> {
    const isClosed = new Promise((resolve) => void this.#server.close(resolve));
    this.#server.closeAllConnections();
    await isClosed;
  }
}

function asArrived({ method = "", url = "", rawHeaders }: IncomingMessage): Arrived {
  const names = rawHeaders.filter((_text, index) => index % 2 === 0);
  const headers = names.map((name, index) => [name.toLowerCase(), rawHeaders[index * 2 + 1] ?? ""] as const);
  return { method, target: url, headers };
}
