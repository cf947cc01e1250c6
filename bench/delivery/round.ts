// One round of one cell: fresh processes, a warm-up, and runs in an order that reads the same from both ends.
import { cpuUsOf, residentBytesOf } from "../measure/process-cost.ts";
import type { Cell } from "./cell.ts";
import { LoadProcess } from "./load-process.ts";
import { Runtime } from "./runtime.ts";
import type { Server } from "./server.ts";

export interface Subject {
  readonly name: string;
  readonly server: Server;
}

export interface Cost {
  /** Of the runtime's process, for each message that was delivered to a consumer. */
  readonly cpuUs: number;
  readonly deliveredPerS: number;
  readonly residentBytes: number;
}

/** Enough runs of one subject would be a few more; these two average out what drifts in one direction. */
const RUNS_EACH = 2;
const MESSAGES_AT_FIRST = 160;
/**
 * The runtime compiles what is done for each message only after thousands of them, which a run with a hundred consumers does
 * not have: hence a warm-up with one, on a stream of its own.
 */
const WARM_UP_MESSAGES = 5000;
/** Of the length of a run: with all consumers, whose first messages cost up to twice as much. */
const WARM_UP_SHARE = 0.6;
/** What the runtime does after a message left, such as forgetting it, belongs to its cost. */
const SETTLE_MS = 20;

/** Subjects that are alive at once, of which one is at work at a time. */
export class Round {
  readonly #load = new LoadProcess();
  readonly #runtimes = new Map<string, Runtime>();

  /** Starts them and connects everybody. */
  async open(subjects: readonly Subject[], cell: Cell): Promise<void> {
    for (const { name, server } of subjects) {
      const runtime = await Runtime.start(server.bundle);
      this.#runtimes.set(name, runtime);
      await this.#load.tell({ kind: "open", fan: name, target: server.targetAt(runtime.url, "measured"), cell });
      const target = server.targetAt(runtime.url, "warm-up");
      await this.#load.tell({ kind: "open", fan: warmUpOf(name), target, cell: { ...cell, consumers: 1 } });
    }
  }

  /** How many messages keep this subject busy for so long, found out by doubling. */
  async messagesFor(subject: string, cpuUs: number): Promise<number> {
    let messages = MESSAGES_AT_FIRST;
    for (;;) {
      const spentUs = await this.#run(subject, messages).then((run) => run.cpuUs);
      if (spentUs > cpuUs / 3) return Math.ceil((messages * cpuUs) / spentUs);
      messages *= 2;
    }
  }

  /** In the order of the subjects, forth and back. */
  async measure(order: readonly string[], cell: Cell, messages: number): Promise<ReadonlyMap<string, Cost>> {
    for (const name of order) {
      await this.#load.tell({ kind: "run", fan: warmUpOf(name), messages: WARM_UP_MESSAGES });
      await this.#run(name, Math.ceil(messages * WARM_UP_SHARE));
    }
    const spent = new Map(order.map((name) => [name, { cpuUs: 0, wallMs: 0 }]));
    for (const name of [...order, ...order.toReversed()]) {
      const { cpuUs, wallMs } = await this.#run(name, messages);
      const sum = spent.get(name) ?? { cpuUs: 0, wallMs: 0 };
      spent.set(name, { cpuUs: sum.cpuUs + cpuUs, wallMs: sum.wallMs + wallMs });
    }
    await this.#load.tell({ kind: "close" });
    const delivered = messages * cell.consumers * RUNS_EACH;
    const costs = [...spent].map(([name, { cpuUs, wallMs }]): readonly [string, Cost] => [
      name,
      {
        cpuUs: cpuUs / delivered,
        deliveredPerS: (delivered / wallMs) * 1000,
        residentBytes: residentBytesOf(this.#runtime(name).pid),
      },
    ]);
    return new Map(costs);
  }

  async stop(): Promise<void> {
    this.#load.stop();
    await Promise.all([...this.#runtimes.values()].map((runtime) => runtime.stop()));
  }

  async #run(fan: string, messages: number): Promise<{ readonly cpuUs: number; readonly wallMs: number }> {
    const { pid } = this.#runtime(fan);
    const beforeUs = cpuUsOf(pid);
    const wallMs = await this.#load.tell({ kind: "run", fan, messages });
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return { cpuUs: cpuUsOf(pid) - beforeUs, wallMs };
  }

  #runtime(name: string): Runtime {
    const runtime = this.#runtimes.get(name);
    if (runtime === undefined) throw new Error(`${name} was not started`);
    return runtime;
  }
}

function warmUpOf(subject: string): string {
  return `${subject}, warm-up`;
}
