// The machine in front of a Socket.IO server between two fake sockets: a test decides who is let in, and when.
import { vi } from "vitest";
import type { OutboxBounds } from "../../connection/outbox.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { readConfig } from "../../worker/config.ts";
import { EdgeMemory } from "../../worker/edge/edge-memory.ts";
import { defaultPathOf, type SocketIoPath } from "../../worker/edge/socket-io/config.ts";
import type { Refusal } from "../../worker/guard.ts";
import { ServerEnd } from "../../worker/proxy/socket-io/engine-ends.ts";
import { type Joinable, SocketIoFront } from "../../worker/proxy/socket-io/front.ts";
import { Pipe, type PipeOver } from "../../worker/proxy/sockets/pipe.ts";
import { FakeRelayedSocket } from "./fake-relayed-socket.ts";
import { TEST_SECRET } from "./session-token.ts";

export const OPENING = `0${JSON.stringify({ sid: "of-the-server", pingInterval: 25_000, pingTimeout: 20_000 })}`;

/** A question that the machine asked: the payload of a CONNECT, and the answer to it. */
interface Question<Answer> {
  readonly auth: JsonObject | undefined;
  readonly answer: (word: Answer) => Promise<void>;
  readonly fail: (bug: Error) => Promise<void>;
}

interface Options {
  readonly path?: Partial<SocketIoPath>;
  readonly vars?: Record<string, string>;
  readonly endsAtMs?: number;
  /** From 0 to below 1. */
  readonly random?: number;
}

const CLOSED = 3;

/** Needs fake timers. */
export class FrontedServer {
  readonly client = new FakeRelayedSocket();
  readonly server = new FakeRelayedSocket();
  readonly memory = new EdgeMemory();
  /** First CONNECTs, and those that follow. */
  readonly opens: Question<Joinable | Refusal>[] = [];
  readonly checks: Question<Refusal | undefined>[] = [];
  readonly cut = vi.fn<() => void>();
  readonly cutServer = vi.fn<() => void>();
  readonly abandoned = vi.fn<() => void>();
  /** When the pipe between both is over, nobody has to watch the session any more. */
  readonly over = vi.fn<(over: PipeOver) => void>();
  readonly front: SocketIoFront;
  readonly #bounds: OutboxBounds;
  readonly #endsAtMs: number | undefined;

  constructor({ path, vars = {}, endsAtMs, random = 0 }: Options = {}) {
    const { config } = readConfig({ BETTER_AUTH_SECRET: TEST_SECRET, ...vars });
    const { edge, stream } = config;
    this.#bounds = {
      consumerBufferBytes: edge.proxyBufferBytes,
      objectBufferBytes: edge.edgeBufferBytes,
      stallMs: stream.outbox.stallMs,
    };
    this.#endsAtMs = endsAtMs;
    this.front = new SocketIoFront(this.client, {
      gate: { config, memory: this.memory },
      path: { ...defaultPathOf("/runs"), ...path },
      cut: this.cut,
      open: (auth) => ask(this.opens, auth),
      check: (auth) => ask(this.checks, auth),
      randomId: () => "an-id",
      random: () => random,
    });
    this.front.start();
    this.client.forgetSent();
  }

  /** The server's end as it is once the server has opened it. */
  get opened(): Joinable {
    const end = new ServerEnd(this.server);
    this.server.says(OPENING);
    return {
      abandon: () => {
        end.close();
        this.abandoned();
      },
      join: (client) =>
        new Pipe({
          client: { socket: client, cut: this.cut },
          upstream: { socket: end, cut: this.cutServer },
          bounds: this.#bounds,
          memory: this.memory,
          endsAtMs: this.#endsAtMs,
          over: this.over,
        }),
    };
  }

  /** Lets the client in with a CONNECT, of which the server's own answer is not awaited. */
  async letIn(connect = "40"): Promise<void> {
    this.client.says(connect);
    await this.opens.at(-1)?.answer(this.opened);
  }

  /** Whoever was told to close answers it, as sockets do. */
  answerCloses(): void {
    for (const socket of [this.client, this.server]) {
      if (socket.closedWith !== undefined && socket.readyState !== CLOSED) socket.closes(socket.closedWith.code);
    }
  }

  get codes(): readonly unknown[] {
    return [this.client.closedWith, this.server.closedWith].map((closed) => closed?.code);
  }
}

function ask<Answer>(questions: Question<Answer>[], auth: JsonObject | undefined): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const settled = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(0));
  questions.push({
    auth,
    answer: (word) => (resolve(word), settled()),
    fail: (bug) => (reject(bug), settled()),
  });
  return promise;
}
