// A thousand clients whose gateway goes and comes back, killed or drained by its operator, while alerts are published.
import { setTimeout as delay } from "node:timers/promises";
import type { RunningGateway } from "../support/gateway-on-disk.ts";
import { ask } from "./doors.ts";
import { ReturningClient } from "./returning-client.ts";
import type { SoakRun } from "./soak.ts";
import { within } from "./within.ts";

const CLIENTS = 1000;
const STREAM_ID = "cam";
const [OWNER, READER] = ["owner", "reader"];
const ADMIN_KEY = "the-operators-own-key-0123456789";
/** All of them are of one user, and at one address. */
const OPTIONS = { vars: { ADMIN_KEY, MAX_CONNECTIONS_PER_USER: String(2 * CLIENTS) }, isUnlimited: true };
/** Between two alerts. */
const ALERT_EVERY_MS = 100;
/** Alerts before the gateway goes, and after the last client is back. */
const ALERTS_AROUND = 20;
/** So many come at once in the beginning. */
const COMING_AT_ONCE = 100;
const PATIENCE_MS = 90_000;

type Going = "killed and started again" | "drained";

class Restart {
  readonly #run: SoakRun;
  #gateway: RunningGateway;
  readonly #clients: readonly ReturningClient[];
  /** The `id` of each acknowledged alert, by its offset. */
  readonly #acknowledged = new Map<number, string>();
  #registrations = 0;
  #isOver = false;
  #changed: () => void = () => {};

  constructor(run: SoakRun, gateway: RunningGateway) {
    this.#run = run;
    this.#gateway = gateway;
    this.#clients = Array.from(
      { length: CLIENTS },
      () =>
        new ReturningClient({
          gateway: () => this.#gateway.url,
          streamId: STREAM_ID,
          userId: READER,
          registered: () => {
            this.#registrations += 1;
            this.#changed();
          },
          seen: () => this.#changed(),
          complain: run.complain,
        }),
    );
  }

  get gateway(): RunningGateway {
    return this.#gateway;
  }

  async play(going: Going): Promise<void> {
    await this.#ask("PUT", "/access", { readers: [READER] });
    const staying = await this.#come();
    const publishing = this.#publish();
    await this.#until(() => this.#acknowledged.size >= ALERTS_AROUND);
    const [goneMs, before] = [performance.now(), this.#acknowledged.size];
    await this.#go(going);
    await this.#until(() => this.#registrations >= 2 * CLIENTS);
    const backS = (performance.now() - goneMs) / 1000;
    const meanwhile = this.#acknowledged.size - before;
    await this.#until(() => this.#acknowledged.size >= before + meanwhile + ALERTS_AROUND);
    this.#isOver = true;
    await publishing;
    const head = Math.max(...this.#acknowledged.keys());
    await this.#until(() => this.#clients.every(({ offset }) => offset >= head));
    for (const client of this.#clients) client.leave();
    await Promise.all(staying);
    this.#tell(going, backS, meanwhile);
  }

  /** A few after the other, as they come to a gateway that has been there for long. */
  async #come(): Promise<readonly Promise<void>[]> {
    const staying: Promise<void>[] = [];
    for (let first = 0; first < CLIENTS; first += COMING_AT_ONCE) {
      for (const client of this.#clients.slice(first, first + COMING_AT_ONCE)) staying.push(client.stay());
      await this.#until(() => this.#registrations >= first + COMING_AT_ONCE);
    }
    return staying;
  }

  async #go(going: Going): Promise<void> {
    if (going === "drained") {
      const url = new URL(`/admin/streams/${STREAM_ID}/drain`, this.#gateway.url);
      const { status } = await fetch(url, { method: "POST", headers: { "x-api-key": ADMIN_KEY } });
      if (status !== 202) this.#run.complain(`restart: the drain was answered with ${status}`);
      return;
    }
    this.#gateway.kill();
    await this.#gateway.stop();
    this.#gateway = await this.#run.onDisk.start({ disk: `restart ${going}`, ...OPTIONS });
  }

  /** Each alert is sent until it is acknowledged. */
  async #publish(): Promise<void> {
    for (let number = 1; !this.#isOver; number += 1) {
      const id = `alert-${number}`;
      while (!(await this.#publishOne(id))) await delay(ALERT_EVERY_MS);
      this.#changed();
      await delay(ALERT_EVERY_MS);
    }
  }

  async #publishOne(id: string): Promise<boolean> {
    try {
      const { status, body } = await this.#ask("POST", "/alerts", { id, message: id });
      if (status !== 200 && status !== 201) return false;
      this.#acknowledged.set(Number(body["offset"]), id);
      return true;
    } catch {
      return false;
    }
  }

  #ask(method: string, path: string, body: Record<string, unknown>) {
    const stage = { gateway: this.#gateway.url, network: new AbortController().signal };
    return ask(stage, OWNER, method, `/streams/${STREAM_ID}${path}`, body);
  }

  #until(isSo: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#changed = () => {
      if (isSo()) resolve();
    };
    this.#changed();
    return promise;
  }

  #tell(going: Going, backS: number, published: number): void {
    const { say, complain } = this.#run;
    let [lost, repeated] = [0, 0];
    for (const client of this.#clients) {
      repeated += client.repeated;
      for (const [offset, id] of this.#acknowledged) if (client.idAt(offset) !== id) lost += 1;
    }
    say(
      `restart, ${going}: ${CLIENTS} clients, the last was back after ${backS.toFixed(1)} s; ` +
        `${this.#acknowledged.size} alerts acknowledged, ${published} of them meanwhile; lost ${lost}, repeated ${repeated}`,
    );
    if (lost > 0) complain(`restart, ${going}: acknowledged alerts were lost ${lost} times`);
  }
}

export async function soakRestart(run: SoakRun): Promise<void> {
  for (const going of ["killed and started again", "drained"] as const) {
    const restart = new Restart(run, await run.onDisk.start({ disk: `restart ${going}`, ...OPTIONS }));
    try {
      await within(PATIENCE_MS, restart.play(going));
    } finally {
      restart.gateway.kill();
      await restart.gateway.stop();
    }
  }
}
