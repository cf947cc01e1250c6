// Any order of claims, answers, deletions and departures on one stream: one owner, no lost message, lists that settle.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Room } from "../../../../durable-objects/stream/rights/claiming.ts";
import { FakeStream, type Seat, STREAM_ID } from "../../../support/fake-stream.ts";
import { user } from "../../../support/members.ts";

const USERS = ["anna", "bob", "cleo"] as const;
const RUNS = { seed: 20_261_121, numRuns: 300 };
/** Long enough for every rate and error window to be forgotten. */
const STEP_MS = 11_000;

type Step =
  | { readonly do: "join"; readonly userId: string; readonly inOneText: boolean; readonly sends: number }
  | { readonly do: "send"; readonly seat: number }
  | { readonly do: "answer"; readonly question: number; readonly room: Room }
  | { readonly do: "put"; readonly userId: string; readonly isPublic: boolean }
  | { readonly do: "erase"; readonly userId: string }
  | { readonly do: "leave"; readonly seat: number }
  | { readonly do: "lapse" };

const userId = fc.constantFrom(...USERS);
const seat = fc.nat(9);
const steps: fc.Arbitrary<Step[]> = fc.noBias(
  fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ do: fc.constant("join" as const), userId, inOneText: fc.boolean(), sends: fc.nat(3) }),
      },
      { weight: 6, arbitrary: fc.record({ do: fc.constant("send" as const), seat }) },
      {
        weight: 9,
        arbitrary: fc.record({
          do: fc.constant("answer" as const),
          question: fc.nat(9),
          room: fc.constantFrom<Room>("room", "room", "room", "room", "room", "room", "full", "unreachable"),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("put" as const), userId, isPublic: fc.boolean() }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("erase" as const), userId }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("leave" as const), seat }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("lapse" as const) }) },
    ),
    { minLength: 30, maxLength: 90, size: "max" },
  ),
);

/** A connection that registered to produce, and the refs of what it sent, `register` first. */
interface Person {
  readonly userId: string;
  readonly seat: Seat;
  readonly refs: number[];
}

class Run {
  readonly fake = new FakeStream({ CLAIM_TTL_DAYS: 1, ALERT_RETENTION_DAYS: 1 });
  readonly people: Person[] = [];
  /** Where something was not as it should be. */
  readonly surprises: string[] = [];
  /** Everyone who was told that he owns, in order. */
  readonly owners: string[] = [];
  readonly #present: Person[] = [];
  readonly #answered = new Set<number>();
  #ref = 0;

  static async of(all: readonly Step[]): Promise<Run> {
    const run = new Run();
    run.fake.users.room = undefined;
    for (const next of all) await run.#apply(next);
    // Whatever is still asked gets its answer, also to questions that come up on the way.
    while (run.#open.length > 0) await run.#answer(0, "room");
    await Promise.all(run.fake.background);
    return run;
  }

  get owner(): string | undefined {
    if (!this.fake.storage.tables.includes("stream")) return undefined;
    const [row, ...others] = this.fake.storage.rows("SELECT owner_id FROM stream");
    if (others.length > 0) this.surprises.push("two owners");
    return row?.["owner_id"] as string | undefined;
  }

  stayed(at: Seat): boolean {
    return this.#present.some((person) => person.seat === at);
  }

  get #open(): readonly number[] {
    return [...this.fake.users.asked.keys()].filter((index) => !this.#answered.has(index));
  }

  async #apply(next: Step): Promise<void> {
    this.fake.nowMs += STEP_MS;
    const managing = this.fake.stream.managing;
    switch (next.do) {
      case "join":
        return this.#join(next.userId, next.inOneText, next.sends);
      case "send":
        return this.#pick(next.seat, (person) => person.seat.send(this.#message(person)));
      case "answer":
        return this.#answer(next.question, next.room);
      case "put": {
        const body = { public: next.isPublic };
        void managing.changeAccess(user(next.userId), STREAM_ID, body, () => this.fake.nowMs);
        return;
      }
      case "erase":
        void managing.erase(user(next.userId), STREAM_ID);
        return;
      case "leave":
        return this.#pick(next.seat, (person) => {
          person.seat.leave();
          this.#present.splice(this.#present.indexOf(person), 1);
        });
      case "lapse":
        this.fake.nowMs += 2 * 86_400_000;
        return this.fake.stream.sweep();
    }
  }

  #join(userIdOf: string, inOneText: boolean, sends: number): void {
    const handoff = this.fake.handoff(userIdOf);
    if (this.fake.stream.entering.admission(handoff) !== undefined) return;
    const person = { userId: userIdOf, seat: this.fake.join(userIdOf, { endsInMs: 1e12 }), refs: [] };
    this.people.push(person);
    this.#present.push(person);
    const texts = [this.#message(person, { type: "register", produces: ["*"], consumes: [] })];
    for (let index = 0; index < sends; index += 1) texts.push(this.#message(person));
    for (const text of inOneText ? [texts.join("\n")] : texts) person.seat.send(text);
  }

  #message(person: Person, message: Record<string, unknown> = { type: "ping" }): string {
    this.#ref += 1;
    person.refs.push(this.#ref);
    return JSON.stringify({ ...message, ref: this.#ref });
  }

  #pick(index: number, work: (person: Person) => void): void {
    const person = this.#present[index % this.#present.length];
    if (person !== undefined) work(person);
  }

  async #answer(index: number, room: Room): Promise<void> {
    const open = this.#open;
    const question = open[index % open.length];
    if (question === undefined) return;
    this.#answered.add(question);
    const { asked, told } = this.fake.users;
    const settled = told.findLast(({ userId: name, event }) => name === asked[question]?.userId && event !== "expect");
    // A list that has the stream has room for it.
    const answer = room === "full" && settled?.event === "owned" ? "room" : room;
    const answered = this.people.map(({ seat: { socket } }) => socket.sent.length);
    await this.fake.users.asked[question]?.answer(answer);
    for (const [who, { userId: name, seat: at }] of this.people.entries()) {
      const isRegistered = at.socket.messages.slice(answered[who]).some(({ type }) => type === "success");
      if (isRegistered && name !== this.owner) this.surprises.push(`${name} produces on a stream of ${this.owner}`);
    }
    if (this.owner !== undefined && this.owner !== this.owners.at(-1)) this.owners.push(this.owner);
  }
}

/** The seed is the same for every test, and so are the runs: each is made once, and all that is said of it is looked at. */
const made = new Map<string, Promise<Run>>();

function runOf(all: readonly Step[]): Promise<Run> {
  const key = JSON.stringify(all);
  const run = made.get(key) ?? Run.of(all);
  made.set(key, run);
  return run;
}

function check(holds: (run: Run) => void): Promise<void> {
  return fc.assert(
    fc.asyncProperty(steps, async (all) => holds(await runOf(all))),
    RUNS,
  );
}

test("There is one owner at most, and only he is told that he may produce", () =>
  check((run) => {
    expect([run.owner, run.surprises]).toEqual([run.owner, []]);
  }));

test("Who stays has an answer to each message, and who leaves to the first ones, in the order of sending", () =>
  check((run) => {
    for (const { seat: at, refs } of run.people) {
      const seen = at.socket.messages.flatMap(({ ref }) => ref ?? []);
      const hasLeft = at.socket.closedWith !== undefined || !run.stayed(at);
      expect(seen).toEqual(hasLeft ? refs.slice(0, seen.length) : refs);
    }
  }));

test("Every list was told at last what is so", () =>
  check((run) => {
    const settled = run.fake.users.told.filter(({ event }) => event !== "expect");
    const last = new Map(settled.map(({ userId: name, event }) => [name, event]));
    const owners = [...last].filter(([, event]) => event === "owned").map(([name]) => name);
    expect(owners).toEqual(run.owner === undefined ? [] : [run.owner]);
  }));

test("The runs are worth something: many have owners that follow each other, and many are refused", async () => {
  const runs = await Promise.all(fc.sample(steps, RUNS).map((all) => runOf(all)));
  const refused = runs.filter(({ people }) =>
    people.some(({ seat: at }) => at.socket.errorCodes.includes("UNAUTHORIZED")),
  );
  expect(runs.filter(({ owners }) => owners.length > 1).length).toBeGreaterThan(RUNS.numRuns / 4);
  expect(refused.length).toBeGreaterThan(RUNS.numRuns / 4);
});
