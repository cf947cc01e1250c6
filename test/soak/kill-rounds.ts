// Rounds of publishing on one disk, each ended by a kill -9 of the runtime; what was promised is compared with what is.
import type { GatewayOnDisk, RunningGateway } from "../support/gateway-on-disk.ts";
import { AccessKeeper } from "./access-keeper.ts";
import { AlertBook } from "./alert-book.ts";
import { checkKept, compareWithBook, compareWithHistory } from "./comparison.ts";
import { describeMoment, drawMoments, type KillMoment } from "./kill-moment.ts";
import { Newcomer } from "./newcomer.ts";
import { publishOverHttp, publishOverSocket } from "./publishers.ts";
import { ResumingReader } from "./resuming-reader.ts";
import { RoundEvents } from "./round-events.ts";
import { SeededRandom } from "./seeded-random.ts";
import type { Stage } from "./stage.ts";
import { within } from "./within.ts";

export interface KillRoundsOptions {
  readonly kills: number;
  readonly seed: number;
  /** `ALERT_RETENTION_COUNT`; with it the kills come near the moments at which the log forgets. */
  readonly keptAtMost?: number;
  /** Told of each round that is over. */
  readonly roundOver?: (sentence: string) => void;
}

export interface KillRoundsResult {
  /** Empty where every promise was kept. */
  readonly complaints: readonly string[];
  readonly kills: number;
  readonly acknowledged: number;
  /** Alerts that nobody had acknowledged, sent again: those that were stored already, and those that were not. */
  readonly duplicates: number;
  readonly storedAtLast: number;
  readonly replayed: number;
  readonly frames: number;
  readonly head: number;
  readonly forgotten: number;
}

const STREAM_ID = "cam";
const [OWNER, WRITER, READER] = ["owner", "writer", "reader"];
/** Of each of four publishers; with its frames below what a connection may send in a burst. */
const ALERTS_EACH = 20;
/** Where the log forgets, so that each round passes several times 64. */
const ALERTS_EACH_TRIMMING = 50;
/** Before a reader comes who is to be killed during its replay: more than may be replayed before the kill. */
const BACKLOG = 30;
/** One wrong thing brings others. */
const COMPLAINTS_MOST = 20;
/** Far more than a round takes on a busy machine; a hang is a failure with a seed, not a silence. */
const ROUND_PATIENCE_MS = 30_000;

/** A gateway that runs once, and what everybody needs who does something with it. */
interface Act {
  readonly gateway: RunningGateway;
  readonly network: AbortController;
  readonly stage: Stage;
}

/** Ends early where something is wrong, since what follows would only repeat it. */
export function killRounds(onDisk: GatewayOnDisk, options: KillRoundsOptions): Promise<KillRoundsResult> {
  return new KillRounds(onDisk, options).run();
}

class KillRounds {
  readonly #onDisk: GatewayOnDisk;
  readonly #options: KillRoundsOptions;
  readonly #random: SeededRandom;
  readonly #book: AlertBook;
  readonly #reader = new ResumingReader(READER);
  readonly #access = new AccessKeeper(OWNER, { readers: [READER], writers: { [WRITER]: ["alert", "video-frame"] } });
  readonly #newcomers: Newcomer[] = [];
  readonly #complaints: string[] = [];
  #during = "";

  constructor(onDisk: GatewayOnDisk, options: KillRoundsOptions) {
    this.#onDisk = onDisk;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#book = new AlertBook(this.#random, this.#complain);
  }

  async run(): Promise<KillRoundsResult> {
    const { kills, keptAtMost, roundOver } = this.#options;
    let forgotten = 0;
    try {
      for (const [index, moment] of drawMoments(this.#random, kills, keptAtMost !== undefined).entries()) {
        this.#during = `round ${index + 1}, killed ${describeMoment(moment)}`;
        await this.#onGateway((act) => this.#publishAndKill(act, moment));
        this.#book.roundEnded();
        roundOver?.(`${this.#during}: ${this.#book.acknowledged.length} acknowledged so far`);
        if (this.#complaints.length > 0) break;
      }
      this.#during = "after the last round";
      if (this.#complaints.length === 0)
        await this.#onGateway(async ({ stage }) => void (forgotten = await this.#compareAll(stage)));
    } catch (error) {
      this.#complain(String(error));
    }
    const { duplicates, storedAtLast, acknowledged } = this.#book;
    const { replayed, frames, seen } = this.#reader;
    const complaints = this.#complaints;
    const counts = { kills: this.#newcomers.length, acknowledged: acknowledged.length, duplicates, storedAtLast };
    return { complaints, ...counts, replayed, frames, head: seen.length, forgotten };
  }

  /** Starts a gateway for one act; whatever becomes of that, no runtime is left behind. */
  async #onGateway(work: (act: Act) => Promise<void>): Promise<void> {
    const { seed, keptAtMost } = this.#options;
    const gateway = await this.#onDisk.start({
      disk: `disk-of-${seed}-${keptAtMost ?? "all"}`,
      vars: keptAtMost === undefined ? {} : { ALERT_RETENTION_COUNT: String(keptAtMost) },
    });
    const network = new AbortController();
    const stage = {
      gateway: gateway.url,
      network: network.signal,
      streamId: STREAM_ID,
      book: this.#book,
      events: new RoundEvents(),
      complain: this.#complain,
    };
    try {
      await within(ROUND_PATIENCE_MS, work({ gateway, network, stage }));
    } finally {
      gateway.kill();
      await gateway.stop();
    }
  }

  async #publishAndKill({ gateway, network, stage }: Act, moment: KillMoment): Promise<void> {
    const { events } = stage;
    if (this.#newcomers.length === 0) await this.#access.change(stage, "the first guest");
    await this.#access.check(stage);
    await checkKept(stage, READER, this.#options.keptAtMost ?? Infinity);
    await this.#newcomers.at(-1)?.check(stage);
    const newcomer = new Newcomer(this.#newcomers.length + 1);
    this.#newcomers.push(newcomer);
    const kill = (): void => {
      gateway.kill();
      if (moment.withNetwork) network.abort();
    };
    events.at(moment.event, moment.count, () => {
      if (moment.delayMs === 0) kill();
      else setTimeout(kill, moment.delayMs);
    });

    const parts: Promise<void>[] = [];
    const read = (): void => void parts.push(this.#untilKilled(gateway, this.#reader.read(stage, "cut off")));
    if (moment.event === "alert replayed") events.at("alert acknowledged", BACKLOG, read);
    else read();
    const each = this.#options.keptAtMost === undefined ? ALERTS_EACH : ALERTS_EACH_TRIMMING;
    const writing = [
      publishOverSocket(stage, OWNER, each),
      publishOverSocket(stage, WRITER, each),
      publishOverHttp(stage, OWNER, each),
      publishOverHttp(stage, WRITER, each),
      this.#access.change(stage, `guest-${this.#newcomers.length}`),
      newcomer.claim(stage),
    ];
    parts.push(...writing.map((work) => this.#untilKilled(gateway, work)));
    await gateway.death; // each moment comes in every round; one that does not is a failure
    await Promise.all(parts);
  }

  /** Nobody kills it: what is left is repeated and read, and then everything is compared. */
  async #compareAll(stage: Stage): Promise<number> {
    const keptAtMost = this.#options.keptAtMost ?? Infinity;
    await this.#access.check(stage);
    await checkKept(stage, READER, keptAtMost);
    for (const newcomer of this.#newcomers) await newcomer.check(stage);
    await Promise.all(
      [OWNER, WRITER].map((author) => publishOverSocket(stage, author, this.#book.leftToRepeat(author))),
    );
    await this.#reader.read(stage, "caught up");
    compareWithBook(this.#reader, this.#book, keptAtMost, this.#complain);
    return compareWithHistory(this.#reader, stage);
  }

  /** Whoever is cut off by the kill has no complaint; whoever fails before it has. */
  async #untilKilled(gateway: RunningGateway, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!gateway.killed) this.#complain(`failed before the kill: ${String(error)}`);
    }
  }

  readonly #complain = (sentence: string): void => {
    if (this.#complaints.length >= COMPLAINTS_MOST) return;
    this.#complaints.push(`seed ${this.#options.seed}, ${this.#during}: ${sentence}`);
  };
}
