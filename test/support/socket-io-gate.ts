// A client of Socket.IO at a gate of its own: no network, no objects, and a test gives every answer.
import { vi } from "vitest";
import type { Variables } from "../../auth/variables.ts";
import type { Code } from "../../protocol/codes.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { readConfig } from "../../worker/config.ts";
import { EdgeMemory } from "../../worker/edge/edge-memory.ts";
import { Lease } from "../../worker/edge/lease.ts";
import type { SocketIoPath } from "../../worker/edge/socket-io/config.ts";
import type { Refusal } from "../../worker/guard.ts";
import { FakeTransport } from "./fake-transport.ts";
import { ALICE } from "./held-client.ts";
import { occasionAt } from "./occasion.ts";
import { readOfficially } from "./official-parser.ts";
import { TEST_SECRET } from "./session-token.ts";

const SWITCHING_PROTOCOLS = 101;

/** Loaded without its types: those of the runtime, which it names, are not there for tests. */
const SOURCE: string = new URL("../../worker/edge/socket-io.ts", import.meta.url).pathname;
const { SocketIo } = (await import(SOURCE)) as {
  readonly SocketIo: new (transport: FakeTransport, options: Record<string, unknown>) => { readonly start: () => void };
};

interface Admitted {
  readonly who: typeof ALICE;
  readonly lease: Lease;
  readonly register: JsonObject | undefined;
}

/** What a client that reads packets sees of one: its type as a number, and its data. */
export type Seen = readonly [type: number, data?: unknown, id?: number] | "ping";

/** The stream's end of a socket, as the Worker holds it. */
export class FakeUpstream extends FakeTransport {
  binaryType: "blob" | "arraybuffer" = "blob";

  accept(): void {}

  /** The stream says something. */
  say(...messages: readonly (JsonObject | string | ArrayBuffer)[]): void {
    for (const message of messages) {
      this.receive(typeof message === "string" || message instanceof ArrayBuffer ? message : JSON.stringify(message));
    }
  }

  /** The messages that the client sent, read. */
  get heard(): readonly unknown[] {
    return this.sent.map((message) => (typeof message === "string" ? (JSON.parse(message) as unknown) : message));
  }
}

interface Setup {
  readonly variables?: Variables;
  readonly refusal?: SocketIoPath["refusal"];
}

export class SocketIoGate {
  readonly transport = new FakeTransport();
  readonly memory = new EdgeMemory();
  readonly cut = vi.fn<() => void>();
  /** The payload of each CONNECT that was asked about. */
  readonly asked: (JsonObject | undefined)[] = [];
  /** How often the lease of each connection was given back. */
  readonly released: string[] = [];
  /** The stream's ends of all sockets that it took. */
  readonly upstreams: FakeUpstream[] = [];
  readonly #answers: PromiseWithResolvers<Admitted | Refusal>[] = [];
  readonly #joins: PromiseWithResolvers<unknown>[] = [];
  #leases = 0;

  constructor({ variables = {}, refusal = "io-use" }: Setup = {}) {
    const { config, problems } = readConfig({ BETTER_AUTH_SECRET: TEST_SECRET, ...variables });
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    const texts = { missing: "unauthorized", invalid: "unauthorized", forbidden: "unauthorized" };
    new SocketIo(this.transport, {
      request: new Request("https://gateway.test/socket.io/?EIO=4&transport=websocket"),
      env: { STREAMS: { getByName: () => ({ fetch: () => this.#join() }) } },
      gate: { kind: "open", config, memory: this.memory, note: () => undefined },
      occasion: occasionAt(),
      cut: this.cut,
      path: { path: "/socket.io", refusal, texts },
      admit: (auth: JsonObject | undefined) => {
        this.asked.push(auth);
        const answer = Promise.withResolvers<Admitted | Refusal>();
        this.#answers.push(answer);
        return answer.promise;
      },
      randomId: () => "engine-1",
      random: () => 0,
    }).start();
    this.transport.take(); // the opening
  }

  /** Packets arrive: texts are messages of Engine.IO, without their 4. */
  send(...packets: readonly (string | ArrayBuffer)[]): void {
    for (const packet of packets) this.transport.receive(typeof packet === "string" ? `4${packet}` : packet);
  }

  /** The oldest CONNECT that waits is let in. @param register undefined where the client names its stream later */
  async admit(register?: JsonObject): Promise<void> {
    this.#leases += 1;
    const connectionId = `c-${this.#leases}`;
    const lease = new Lease({
      connectionId,
      registerTimeoutMs: 10_000,
      admit: () => Promise.resolve("admitted"),
      release: () => this.released.push(connectionId),
    });
    await lease.take(ALICE);
    this.#answers.shift()?.resolve({ who: ALICE, lease, register });
    await settle();
  }

  async refuse(refusal: Refusal): Promise<void> {
    this.#answers.shift()?.resolve(refusal);
    await settle();
  }

  async breakAdmission(): Promise<void> {
    this.#answers.shift()?.reject(new Error("a bug"));
    await settle();
  }

  /** The stream takes the oldest socket that waits for it. */
  async join(): Promise<FakeUpstream> {
    const upstream = new FakeUpstream();
    this.upstreams.push(upstream);
    this.#joins.shift()?.resolve({ status: SWITCHING_PROTOCOLS, webSocket: upstream });
    await settle();
    return upstream;
  }

  async refuseToJoin(code: Code): Promise<void> {
    this.#joins.shift()?.resolve(Response.json({ code }, { status: 403 }));
    await settle();
  }

  get joinsAsked(): number {
    return this.#joins.length;
  }

  /** What the client read since the last time, each packet as the official parser reads it. */
  read(): readonly Seen[] {
    const messages = [...this.transport.take()];
    const seen: Seen[] = [];
    for (let message = messages.shift(); message !== undefined; message = messages.shift()) {
      if (typeof message !== "string") throw new Error("bytes that belong to nothing");
      if (message === "2") {
        seen.push("ping");
        continue;
      }
      if (!message.startsWith("4")) throw new Error(`no message: ${message}`);
      const parts: (string | Uint8Array)[] = [message.slice(1)];
      let packet = readOfficially(parts);
      while (packet === "unfinished") {
        const bytes = messages.shift();
        if (!(bytes instanceof Uint8Array)) throw new Error("an attachment is missing");
        parts.push(bytes);
        packet = readOfficially(parts);
      }
      const { type, data, id } = packet;
      seen.push(id === undefined ? (data === undefined ? [type] : [type, data]) : [type, data, id]);
    }
    return seen;
  }

  get closes(): FakeTransport["closes"] {
    return this.transport.closes;
  }

  #join(): Promise<Response> {
    const join = Promise.withResolvers<unknown>();
    this.#joins.push(join);
    return join.promise as Promise<Response>;
  }
}

/** All that follows at once has been done. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}
