// The client of the server of runs: the real socket.io-client, and what came to it.
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";

export type ClientOptions = Partial<ManagerOptions & SocketOptions>;

/** What happened in a run, as its listeners are told. */
export interface RunEvent {
  readonly runId: string;
  readonly text?: string;
  readonly name?: string;
  readonly bytes?: Uint8Array;
}

export class RunsClient {
  readonly socket: Socket;
  /** All that it was told so far. */
  readonly events: RunEvent[] = [];

  /** @param socket one that nothing has come to yet */
  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("run-event", (event: RunEvent) => this.events.push(event));
  }

  /** One that is on its way. It comes back within a moment where it may come back. */
  static open(url: URL, options: ClientOptions): RunsClient {
    const pace = { reconnectionDelay: 20, reconnectionDelayMax: 100 };
    return new RunsClient(
      io(url.origin, { path: "/runs", transports: ["websocket"], forceNew: true, ...pace, ...options }),
    );
  }

  /** One that was let in; rejects with the reason where it was not. */
  static async enter(url: URL, options: ClientOptions): Promise<RunsClient> {
    const client = RunsClient.open(url, options);
    const refused = client.next("connect_error").then(([error]) => Promise.reject(error as Error));
    await Promise.race([client.next("connect"), refused]);
    return client;
  }

  /** One that was not let in. */
  static async refused(url: URL, options: ClientOptions): Promise<{ client: RunsClient; error: Error }> {
    const client = RunsClient.open(url, options);
    const entered = client.next("connect").then(() => Promise.reject(new Error("it was let in")));
    const [error] = await Promise.race([client.next("connect_error"), entered]);
    return { client, error: error as Error };
  }

  /** The arguments of the next event of this name, Socket.IO's own included. */
  next(event: string): Promise<readonly unknown[]> {
    return new Promise((resolve) => void this.socket.once(event, (...args: unknown[]) => resolve(args)));
  }

  close(): void {
    this.socket.disconnect();
  }
}
