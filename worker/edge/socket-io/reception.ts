// The transport of a client of Socket.IO from its opening to its end: how it is waited for, refused in its own words, let go.
import type { Code } from "../../../protocol/codes.ts";
import type { Config } from "../../config.ts";
import type { EdgeMemory } from "../edge-memory.ts";
import type { EngineSocket } from "../engine-io.ts";
import { LettingGo } from "../letting-go.ts";
import type { SocketIoPath } from "./config.ts";
import { Patience } from "./patience.ts";
import { refuseConnect, type RefusalDetail } from "./refuse-connect.ts";

export interface ReceptionOptions {
  readonly gate: { readonly config: Pick<Config, "edge" | "stream">; readonly memory: EdgeMemory };
  /** In whose words clients are refused. */
  readonly path: SocketIoPath;
  /** Drops the client's connection at once, with all that waits for it. */
  readonly cut: () => void;
  readonly randomId: () => string;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Over one transport; a client that is refused again and again is not going to be let in. */
const ATTEMPTS_MAX = 5;

export class Reception {
  readonly #engine: EngineSocket;
  readonly #options: ReceptionOptions;
  readonly #patience: Patience;
  readonly #lettingGo: LettingGo;
  #attempts = 0;

  /** @param end told why the client must go, once the time is over that it was given last */
  constructor(engine: EngineSocket, options: ReceptionOptions, end: (code: Code) => void) {
    this.#engine = engine;
    this.#options = options;
    const { gate, cut, random } = options;
    const { edge, stream } = gate.config;
    this.#patience = new Patience(edge.authTimeoutMs, random, end);
    this.#lettingGo = new LettingGo({ client: engine, memory: gate.memory, stallMs: stream.outbox.stallMs, cut });
  }

  /** @param maxPayloadBytes what a message may have at most */
  open(maxPayloadBytes: number): void {
    this.#engine.open(this.#options.randomId(), maxPayloadBytes);
    this.#patience.allowTimeToConnect();
  }

  /** Starts the time anew in which it must say CONNECT. */
  waitForConnect(): void {
    this.#patience.allowTimeToConnect();
  }

  /** It is not the client any more who is waited for. */
  stopWaiting(): void {
    this.#patience.stop();
  }

  /** Counts an attempt to get in; false where it is one too many. */
  attempt(): boolean {
    this.#attempts += 1;
    return this.#attempts <= ATTEMPTS_MAX;
  }

  /** Whether it may not try again. */
  get hasTriedAll(): boolean {
    return this.#attempts >= ATTEMPTS_MAX;
  }

  /** True where the client was told, and may try again over the same connection; else that is closed in a while. */
  refuse(code: Code, detail: RefusalDetail, namespace?: string): boolean {
    const isTold = this.tellRefusal(code, detail, namespace);
    // A client that reads CONNECT_ERROR does not come back by itself, and this one should.
    if (!isTold) this.#patience.partLater(code);
    return isTold;
  }

  /** False where the client is to come back by itself, and so is told nothing. */
  tellRefusal(code: Code, detail: RefusalDetail, namespace?: string): boolean {
    const { path, randomId } = this.#options;
    const packets = refuseConnect(code, detail, path, randomId, namespace);
    for (const packet of packets ?? []) this.#engine.send(packet);
    return packets !== undefined;
  }

  /** Ends it from here, and waits until its client has read why, or for a while. */
  close(code: number, reason: string): void {
    this.#engine.close(code, reason);
    this.#lettingGo.begin();
  }

  /** Nothing waits any more: its connection is gone. */
  gone(): void {
    this.#lettingGo.ended();
  }
}
