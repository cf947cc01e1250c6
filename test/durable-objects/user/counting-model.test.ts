// Any order of connections that come, leave and crash, over streams that answer in any order: the count is exact.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Admitting, type Admittance } from "../../../durable-objects/user/admitting.ts";
import { Connections } from "../../../durable-objects/user/connections.ts";
import { Revocations } from "../../../durable-objects/user/revocations.ts";
import { TicketStreams } from "../../../durable-objects/user/ticket-streams.ts";
import { FakeSocket } from "../../support/fake-socket.ts";
import { FakeStream } from "../../support/fake-stream.ts";
import { MemoryStorage } from "../../support/memory-storage.ts";

const LIMIT = 3;
const STREAMS = ["cam", "door"] as const;
const RUNS = { seed: 20_261_121, numRuns: 200 };
/** Far below the time that anybody waits. */
const STEP_MS = 1;

type Step =
  | { readonly do: "come"; readonly streamId: string; readonly sessionId: string }
  | { readonly do: "leave"; readonly index: number }
  | { readonly do: "crash"; readonly streamId: string };

const streamId = fc.constantFrom(...STREAMS);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constant("come" as const), streamId, sessionId: fc.constantFrom("s", "t") }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("leave" as const), index: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const), streamId }) },
  ),
  { minLength: 5, maxLength: 25 },
);

/** One life of a stream's object. */
interface Life {
  readonly fake: FakeStream;
  readonly sockets: Map<string, FakeSocket>;
}

/** The real object's rules and the real streams' ones; every call between them is carried when the scheduler says so. */
class World {
  readonly surprises: string[] = [];
  refusals = 0;
  gaveWay = 0;
  readonly #scheduler: fc.Scheduler;
  readonly #lives = new Map<string, Life>();
  readonly #admitting: Admitting;
  /** What each question that is open has seen alive, or let in, since it was asked. */
  readonly #seenSince = new Map<string, Set<string>>();
  #nowMs = 1_000_000;
  #count = 0;

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler;
    const storage = new MemoryStorage();
    this.#admitting = new Admitting({
      connections: new Connections(storage, LIMIT, () => 0),
      revocations: new Revocations(storage, 1),
      tickets: new TicketStreams(storage),
      streams: {
        whichLive: (id, ids) => this.#carry("which live?", () => this.#life(id).fake.stream.whichLive(ids)),
        giveWay: (id, connectionId) =>
          this.#carry("give way", () => {
            this.gaveWay += 1;
            this.#life(id).fake.stream.giveWay(connectionId);
            this.#look();
          }),
      },
      now: () => this.#nowMs,
    });
  }

  async run(all: readonly Step[]): Promise<void> {
    const coming: Promise<void>[] = [];
    for (const step of all) {
      this.#nowMs += STEP_MS;
      // Some of what is on its way arrives in between.
      if (this.#scheduler.count() > 0 && this.#nowMs % 2 === 0) await this.#scheduler.waitOne();
      switch (step.do) {
        case "come":
          coming.push(this.#come(step.streamId, step.sessionId));
          break;
        case "leave":
          this.#leave(step.index);
          break;
        case "crash":
          this.#lives.delete(step.streamId);
          break;
      }
      this.#look();
    }
    await this.#scheduler.waitFor(Promise.all(coming));
  }

  /** As a stream's object does it: asked, decided, joined. */
  async #come(id: string, sessionId: string): Promise<void> {
    const connectionId = `c-${(this.#count += 1)}`;
    const life = this.#life(id);
    const principal = { kind: "user", userId: "anna", sessionId } as const;
    const handoff = { ...life.fake.handoff("anna", { principal }), streamId: id, connectionId };
    const refusal = (await life.fake.stream.entering.arrive(handoff)) ?? life.fake.stream.entering.admission(handoff);
    if (refusal !== undefined || this.#lives.get(id) !== life) return;
    const socket = new FakeSocket();
    life.fake.stream.join(socket, handoff);
    life.sockets.set(connectionId, socket);
    this.#look();
  }

  #leave(index: number): void {
    const open = [...this.#lives.values()].flatMap(({ fake, sockets }) =>
      Array.from(sockets.values(), (socket) => ({ fake, socket })),
    );
    const left = open[index % open.length];
    if (left === undefined) return;
    left.socket.readyState = 3;
    left.fake.stream.leave(left.socket);
  }

  #life(id: string): Life {
    const known = this.#lives.get(id);
    if (known !== undefined) return known;
    const fake = new FakeStream();
    fake.users.admit = (subject, connectionId, place) =>
      this.#carry("admit", async () => {
        const seen = new Set(this.#alive);
        this.#seenSince.set(connectionId, seen);
        const admittance = await this.#admitting.admit(subject, connectionId, place);
        this.#seenSince.delete(connectionId);
        // Nobody can know yet that its stream crashed before it heard of it: until it is asked about it has its place.
        if (admittance === "admitted") for (const others of this.#seenSince.values()) others.add(connectionId);
        this.#judge(connectionId, admittance, seen);
        return admittance;
      });
    const life = { fake, sockets: new Map<string, FakeSocket>() };
    this.#lives.set(id, life);
    return life;
  }

  #judge(connectionId: string, admittance: Admittance, seen: Set<string>): void {
    seen.delete(connectionId);
    if (admittance !== "full") return;
    this.refusals += 1;
    if (seen.size < LIMIT) this.surprises.push(`refused while ${seen.size} were alive`);
  }

  /** Open sockets, and those on their way in. */
  get #alive(): readonly string[] {
    const ids = Array.from({ length: this.#count }, (_, index) => `c-${index + 1}`);
    return [...this.#lives.values()].flatMap(({ fake }) => fake.stream.whichLive(ids));
  }

  #look(): void {
    const open = [...this.#lives.values()].flatMap(({ sockets }) =>
      [...sockets.values()].filter(({ readyState }) => readyState === 1),
    );
    if (open.length > LIMIT) this.surprises.push(`${open.length} are open`);
    for (const seen of this.#seenSince.values()) for (const id of this.#alive) seen.add(id);
  }

  /** Both ways: a call and its answer each take their time. */
  async #carry<Answer>(what: string, call: () => Answer | Promise<Answer>): Promise<Answer> {
    await this.#scheduler.schedule(Promise.resolve(), what);
    const answer = await call();
    await this.#scheduler.schedule(Promise.resolve(), `${what}, answered`);
    return answer;
  }
}

test("Never are more open than the limit, and nobody is refused while fewer are there or let in", async () => {
  let [refusals, gaveWay] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), steps, async (scheduler, all) => {
      const world = new World(scheduler);
      await world.run(all);
      refusals += world.refusals;
      gaveWay += world.gaveWay;
      expect(world.surprises).toEqual([]);
    }),
    RUNS,
  );
  // The runs are worth something.
  expect([refusals > RUNS.numRuns / 20, gaveWay > RUNS.numRuns]).toEqual([true, true]);
});
