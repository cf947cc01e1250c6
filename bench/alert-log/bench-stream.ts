// One stream of a running gateway, claimed by a user, with a socket that publishes and a look into its tables.
import { Client } from "../../test/support/client.ts";
import type { Gateway } from "../../test/support/gateway.ts";
import { signSession } from "../../test/support/session-token.ts";

export type Row = Record<string, unknown>;

/** About 300 bytes as they are stored: what a model says of what it saw. */
const ALERT = {
  type: "alert",
  severity: "high",
  message: "Person near the loading dock outside working hours",
  camera: "yard-north-3",
  model: "person-detector-2.4.1",
  confidence: 0.9371,
  box: { x: 240, y: 80, width: 144, height: 176 },
  zone: "dock-b",
  snapshot: "https://snapshots.example.com/yard-north-3/2026-11-01/frame.jpg",
};

export class BenchStream {
  readonly gateway: Gateway;
  readonly streamId: string;
  readonly token: string;
  /** Of a user who owns the stream, and publishes only: it is sent nothing but answers. */
  readonly publisher: Client;
  readonly epoch: string;
  #ref = 0;

  private constructor(gateway: Gateway, streamId: string, token: string, publisher: Client, epoch: string) {
    this.gateway = gateway;
    this.streamId = streamId;
    this.token = token;
    this.publisher = publisher;
    this.epoch = epoch;
  }

  /** Claims the stream, as any first producer does. */
  static async claim(gateway: Gateway, streamId: string): Promise<BenchStream> {
    const token = await signSession({ userId: "camera-owner", tokenEndsInS: 3600 });
    const publisher = await connect(gateway, streamId, token);
    const { epoch } = await publisher.register({ produces: ["alert"] });
    return new BenchStream(gateway, streamId, token, publisher, String(epoch));
  }

  /** Another socket of the same user. */
  connect(): Promise<Client> {
    return connect(this.gateway, this.streamId, this.token);
  }

  /** An alert that no other call made, ready to be sent. */
  nextAlert(): Record<string, unknown> & { readonly ref: number } {
    this.#ref += 1;
    return { ...ALERT, message: `${ALERT.message}, track #${this.#ref}#`, ref: this.#ref };
  }

  /** Takes the object out of memory; the next message wakes it with nothing cached in it. */
  sleep(): Promise<void> {
    return this.gateway.sleep(this.streamId);
  }

  async rows(query: string, ...bindings: (string | number | null)[]): Promise<readonly Row[]> {
    const worker = this.gateway.harness.getWorker("sluice");
    const storage = await worker.getDurableObjectStorage("StreamObject", { name: this.streamId });
    return (await storage.exec(query, ...bindings)) as readonly Row[];
  }

  async number(query: string, ...bindings: (string | number | null)[]): Promise<number> {
    const [row = {}] = await this.rows(query, ...bindings);
    return Number(Object.values(row)[0]);
  }
}

function connect(gateway: Gateway, streamId: string, token: string): Promise<Client> {
  return Client.connect(new URL(`/streams/${streamId}`, gateway.url), ["sluice.v1", `bearer.${token}`]);
}
