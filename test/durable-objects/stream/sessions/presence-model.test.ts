// Any order of coming, going, sleeping and changing rights: who watches a stream knows at each moment who is there.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Message } from "../../../support/fake-socket.ts";
import { FakeStream, type Seat, STREAM_ID } from "../../../support/fake-stream.ts";
import { user } from "../../../support/members.ts";

const USERS = ["anna", "anna", "bob", "cleo"] as const;
/** Long enough for every rate and error window to be forgotten. */
const STEP_MS = 11_000;
const MAX_MESSAGE_BYTES = 2048;
const BEHIND_BYTES = 2_000_000;
const RUNS = { seed: 20_260_202, numRuns: 150 };

const LISTS = [
  { produces: ["note"], consumes: [] },
  { consumes: ["note", "presence"] },
  { consumes: ["presence"] },
  { consumes: ["*"] },
  {},
] as const;

const ACCESS = [
  { readers: ["bob", "cleo"], writers: { bob: ["*"] } },
  { readers: ["bob", "cleo"], writers: { cleo: ["alert"] } },
  { readers: ["bob"], writers: {} },
  { readers: [], writers: {} },
  { public: true, writers: {} },
  { public: false, readers: ["cleo"], writers: { bob: ["*"], cleo: ["*"] } },
] as const;

/** Each way in which a member goes, or is found gone. */
const WAYS = {
  leaves: (seat: Seat) => seat.leave(),
  "sends too much": (seat: Seat) => seat.send("x".repeat(MAX_MESSAGE_BYTES + 1)),
  floods: (seat: Seat) => {
    for (let count = 0; count < 10; count += 1) seat.send("no JSON");
  },
  "is slow": (seat: Seat) => {
    seat.socket.bufferedAmount = BEHIND_BYTES;
    seat.send({ type: "ping", ref: 1 });
  },
  throws: (seat: Seat) => {
    seat.socket.broken = true;
    seat.send({ type: "ping", ref: 1 });
  },
} as const;

const chair = fc.noBias(fc.nat(23));
const steps = fc.noBias(
  fc.array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          do: fc.constant("come" as const),
          userId: fc.constantFrom(...USERS),
          hop: fc.constantFrom("direct" as const, "bridged" as const),
          endsInMs: fc.constantFrom(3_600_000, 3_600_000, 3_600_000, 200_000),
          lists: fc.option(fc.constantFrom(...LISTS), { nil: undefined }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant("register" as const), chair, lists: fc.constantFrom(...LISTS) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant("go" as const),
          chair,
          way: fc.constantFrom(...(Object.keys(WAYS) as (keyof typeof WAYS)[])),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("break" as const), chair }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("note" as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("access" as const), list: fc.constantFrom(...ACCESS) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("sleep" as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("alarm" as const) }) },
    ),
    { minLength: 40, maxLength: 100, size: "max" },
  ),
);
type Step = (typeof steps extends fc.Arbitrary<infer All> ? All : never) extends (infer One)[] ? One : never;

interface Person {
  readonly userId: string;
  readonly seat: Seat;
  /** How many of its messages were read. */
  read: number;
  /** What it was told of, since the snapshot; undefined where it does not watch, or could not all the time. */
  told: Set<string> | undefined;
}

/** One run. The stream is anna's; whom she lets in besides changes. */
class Run {
  readonly surprises: string[] = [];
  /** How often what a watcher knows was compared, with somebody else there. */
  comparisons = 0;
  readonly #fake = new FakeStream({ MAX_MESSAGE_BYTES: String(MAX_MESSAGE_BYTES) });
  readonly #camera = this.#fake.owner({ produces: ["note"] });
  readonly #people: Person[] = [];
  #writers: readonly string[] = [];

  constructor(all: readonly Step[]) {
    for (const next of all) {
      this.#fake.nowMs += STEP_MS;
      this.#apply(next);
      this.#look(next.do);
    }
  }

  #apply(next: Step): void {
    switch (next.do) {
      case "come":
        return this.#come(next);
      case "register":
        return this.#register(this.#at(next.chair), next.lists);
      case "go":
        return this.#go(this.#at(next.chair), next.way);
      case "break": {
        // Found at the next message to it.
        const person = this.#at(next.chair);
        if (person !== undefined && this.#isThere(person)) person.seat.socket.broken = true;
        return;
      }
      case "note":
        return this.#camera.send({ type: "note" });
      case "access":
        this.#writers = Object.keys(next.list.writers);
        return this.#fake.allow({ ...next.list });
      case "sleep":
        return this.#fake.sleepAndWake();
      case "alarm":
        return this.#fake.stream.sweep();
    }
  }

  #come({ userId, hop, endsInMs, lists }: Step & { readonly do: "come" }): void {
    const handoff = this.#fake.handoff(userId);
    if (this.#fake.stream.entering.admission(handoff) !== undefined) return;
    const seat = this.#fake.join(userId, { hop, endsInMs });
    this.#people.push({ userId, seat, read: 0, told: undefined });
    if (lists !== undefined) seat.send({ type: "register", ...lists });
  }

  #register(person: Person | undefined, lists: (typeof LISTS)[number]): void {
    if (person !== undefined && !person.seat.socket.broken) person.seat.send({ type: "register", ...lists });
  }

  #go(person: Person | undefined, way: keyof typeof WAYS): void {
    if (person === undefined) return;
    WAYS[way](person.seat);
    if (person.seat.socket.broken) person.seat.leave();
    this.#people.splice(this.#people.indexOf(person), 1);
  }

  #isThere({ seat }: Person): boolean {
    return this.#there.has(String(seat.socket.ofType("success").at(-1)?.["connectionId"]));
  }

  #at(index: number): Person | undefined {
    return this.#people[index % this.#people.length];
  }

  /** Reads what came to everyone, and compares it with who is there. */
  #look(after: string): void {
    const there = this.#there;
    for (const person of this.#people) {
      const { texts, closedWith, broken } = person.seat.socket;
      const mayKnow = person.userId === "anna" || this.#writers.includes(person.userId);
      for (const text of texts.slice(person.read)) this.#hear(person, JSON.parse(text) as Message, mayKnow);
      person.read = texts.length;
      if (!mayKnow || closedWith !== undefined || broken) person.told = undefined;
      // Found broken, and the platform says so too.
      if (broken && !this.#isThere(person)) person.seat.leave();
      const { told } = person;
      if (told === undefined) continue;
      if (there.size > 1) this.comparisons += 1;
      const [knows, is] = [told, there].map((ids) => [...ids].toSorted().join(" "));
      if (knows !== is) this.surprises.push(`after ${after}: told of ${knows}, there are ${is}`);
    }
  }

  #hear(person: Person, { type, event, member, members, code }: Message, mayKnow: boolean): void {
    if (code === "UNAUTHORIZED") person.told = undefined;
    if (type !== "presence") return;
    if (!mayKnow) this.surprises.push(`${person.userId} was told of a ${String(event)}`);
    if (event === "snapshot") person.told = new Set((members as View[]).map(({ connectionId }) => connectionId));
    if (person.told === undefined || event === "snapshot") return;
    const { connectionId } = member as View;
    const isNew = !person.told.has(connectionId);
    if (isNew !== (event === "join")) this.surprises.push(`a second ${String(event)} of ${connectionId}`);
    if (isNew) person.told.add(connectionId);
    else person.told.delete(connectionId);
  }

  /** Who is registered, as the owner may ask at any time. */
  get #there(): ReadonlySet<string> {
    const status = this.#fake.stream.requesting.readStatus(user("anna"), STREAM_ID);
    return new Set("members" in status ? status.members?.map(({ connectionId }) => connectionId) : []);
  }
}

interface View {
  readonly connectionId: string;
}

/** The seed is the same for every test, and so are the runs: each is made once, and all that is said of it is looked at. */
const made = new Map<string, Run>();

function runOf(all: readonly Step[]): Run {
  const key = JSON.stringify(all);
  const run = made.get(key) ?? new Run(all);
  made.set(key, run);
  return run;
}

test("What a watcher was told, since its snapshot, is who is there, whatever happened", () => {
  fc.assert(
    fc.property(steps, (all) => {
      expect(runOf(all).surprises).toEqual([]);
    }),
    RUNS,
  );
});

test("The runs are worth something: most of them compare often", () => {
  const comparisons = fc.sample(steps, RUNS).map((all) => runOf(all).comparisons);
  expect(comparisons.filter((count) => count >= 40).length).toBeGreaterThan(RUNS.numRuns / 2);
});
