// Any order of joining, registering, sending, leaving and sleeping: what holds on a stream all the same.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Message } from "../../support/fake-socket.ts";
import { FakeStream, type Seat } from "../../support/fake-stream.ts";
import { user } from "../../support/members.ts";

const USERS = ["anna", "bob", "cleo"] as const;
const TYPES = ["alert", "video-frame", "note"] as const;
/** Long enough for every rate and error window to be forgotten, and short enough for no session to end. */
const STEP_MS = 11_000;
const RUNS = { seed: 20_260_101, numRuns: 200 };

type Step =
  | { readonly do: "join"; readonly userId: string }
  | {
      readonly do: "register";
      readonly chair: number;
      readonly lists: Lists;
      readonly seen: number | undefined;
      /** Whether what was seen is of the stream before anybody owned it. */
      readonly early: boolean;
    }
  | { readonly do: "send"; readonly chair: number; readonly type: string; readonly id: string | undefined }
  | { readonly do: "leave"; readonly chair: number }
  | { readonly do: "wake" };

interface Lists {
  readonly produces: readonly string[];
  readonly consumes: readonly string[];
}

const chair = fc.noBias(fc.nat(23));
const lists = fc.record({
  produces: fc.constantFrom(["*"], ["alert"], []),
  consumes: fc.constantFrom(["*"], ["*"], ["*"], ["alert"], ["alert"], ["alert"], []),
});
const steps: fc.Arbitrary<Step[]> = fc.noBias(
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant("join" as const), userId: fc.constantFrom(...USERS) }) },
      {
        weight: 8,
        arbitrary: fc.record({
          do: fc.constant("register" as const),
          chair,
          lists,
          seen: fc.option(fc.nat(4), { nil: undefined }),
          early: fc.boolean(),
        }),
      },
      {
        weight: 16,
        arbitrary: fc.record({
          do: fc.constant("send" as const),
          chair,
          type: fc.constantFrom(...TYPES),
          id: fc.constantFrom(undefined, undefined, "a", "b"),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), chair }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("wake" as const) }) },
    ),
    { minLength: 40, maxLength: 120, size: "max" },
  ),
);

/** A connection, and what the model knows of it. */
interface Person {
  readonly userId: string;
  readonly seat: Seat;
  registered: Lists | undefined;
  /** The alerts that it must have received: those after the first offset, up to the last. */
  from: number;
  until: number | undefined;
}

/** One run beside a model of it: the owner is the first who registered to produce, the head counts the alerts. */
class Run {
  readonly people: Person[] = [];
  /** The numbers of the messages that were sent live, each once, in the order of sending. */
  readonly seqs: number[] = [];
  /** Where the stream answered other than the model. */
  readonly surprises: string[] = [];
  ownerId: string | undefined;
  head = 0;
  readonly #fake = new FakeStream();
  readonly #present: Person[] = [];
  readonly #ids = new Set<string>();
  #epoch = "";

  constructor(all: readonly Step[]) {
    for (const next of all) this.#apply(next);
  }

  #apply(next: Step): void {
    this.#fake.nowMs += STEP_MS;
    if (next.do === "wake") return this.#fake.sleepAndWake();
    if (next.do === "join") return this.#join(next.userId);
    const person = this.#present[next.chair % this.#present.length];
    if (person === undefined) return;
    if (next.do === "register") return this.#register(person, next);
    if (next.do === "send") return this.#send(person, next.type, next.id);
    person.seat.leave();
    person.until = this.head;
    this.#present.splice(this.#present.indexOf(person), 1);
  }

  #join(userId: string): void {
    const admitted = this.#fake.stream.entering.admission(this.#fake.handoff(userId)) === undefined;
    this.#compare("admission", admitted, this.#mayComeIn(userId));
    if (!admitted) return;
    // Each of a session of its own: within one a newer camera would replace the older.
    const seat = this.#fake.join(userId, { principal: { ...user(userId), sessionId: `s-${this.people.length}` } });
    const person = { userId, seat, registered: undefined, from: 0, until: undefined };
    this.people.push(person);
    this.#present.push(person);
  }

  #register(person: Person, { lists: wanted, seen, early }: Step & { readonly do: "register" }): void {
    const epoch = early ? "" : this.#epoch;
    const resume = seen === undefined ? {} : { resume: { epoch, offset: seen } };
    const answer = person.seat.register({ ...wanted, ...resume });
    const accepted = person.registered === undefined && this.#mayComeIn(person.userId);
    this.#compare("registration", answer.type, accepted ? "success" : "error");
    if (!accepted) return;
    person.registered = wanted;
    const recovered = seen !== undefined && seen <= (epoch === "" ? 0 : this.head);
    this.#compare("recovery", answer["recovered"], seen === undefined ? undefined : recovered);
    person.from = recovered ? seen : this.head;
    if (wanted.produces.length === 0 || this.ownerId !== undefined) return;
    this.ownerId = person.userId;
    this.#epoch = String(answer["epoch"]);
    for (const other of this.#present) if (other.userId !== this.ownerId) other.registered = undefined;
  }

  #send(person: Person, type: string, id: string | undefined): void {
    const before = this.people.map(({ seat }) => seat.socket.sent.length);
    person.seat.send(id === undefined ? { type } : { type, id });
    const sent = this.people.flatMap(({ seat }, index) => seat.socket.messages.slice(before[index]).filter(isPayload));
    this.seqs.push(...new Set(sent.map(({ seq }) => Number(seq))));
    const produces = person.registered?.produces ?? [];
    if (type !== "alert" || produces.length === 0 || (id !== undefined && this.#ids.has(id))) return;
    this.head += 1;
    if (id !== undefined) this.#ids.add(id);
  }

  #compare(what: string, actual: unknown, expected: unknown): void {
    if (actual !== expected) this.surprises.push(`${what}: ${String(actual)} instead of ${String(expected)}`);
  }

  #mayComeIn(userId: string): boolean {
    return this.ownerId === undefined || this.ownerId === userId;
  }
}

function isPayload({ type }: Message): boolean {
  return (TYPES as readonly string[]).includes(type);
}

function payloads({ seat }: Person): readonly Message[] {
  return seat.socket.messages.filter(isPayload);
}

function rises(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > Number(numbers[index - 1]));
}

/** The seed is the same for every test, and so are the runs: each is made once, and all that is said of it is looked at. */
const made = new Map<string, Run>();

function runOf(all: readonly Step[]): Run {
  const key = JSON.stringify(all);
  const run = made.get(key) ?? new Run(all);
  made.set(key, run);
  return run;
}

function check(holds: (run: Run) => void): void {
  fc.assert(
    fc.property(steps, (all) => {
      holds(runOf(all));
    }),
    RUNS,
  );
}

test("Who comes in, who may register and who recovers is as simple as the model", () => {
  check(({ surprises }) => expect(surprises).toEqual([]));
});

test("No user other than the owner ever receives a payload message", () => {
  check(({ people, ownerId }) => {
    const strangers = people.filter(({ userId }) => userId !== ownerId);
    expect(strangers.flatMap(payloads)).toEqual([]);
  });
});

test("The offsets that a member receives rise without a gap from its registration to the newest", () => {
  check(({ people, head }) => {
    for (const person of people.filter(({ registered }) => (registered?.consumes.length ?? 0) > 0)) {
      const offsets = payloads(person).flatMap(({ offset }) => (offset === undefined ? [] : [offset]));
      const count = (person.until ?? head) - person.from;
      expect(offsets).toEqual(Array.from({ length: count }, (_, index) => person.from + index + 1));
    }
  });
});

test("The numbers of a stream's messages strictly rise, over restarts too", () => {
  check(({ seqs }) => expect(rises(seqs)).toBe(true));
});

test("No member is ever sent a lower number of a type after a higher one; only the newest frame may come again", () => {
  check(({ people }) => {
    for (const person of people) {
      const byType = Map.groupBy(payloads(person), ({ type }) => type);
      for (const [type, messages] of byType) {
        const seqs = messages.map(({ seq }) => Number(seq));
        expect(rises(type === "video-frame" ? seqs.filter((seq, at) => seq !== seqs[at - 1]) : seqs)).toBe(true);
      }
    }
  });
});

test("The runs are worth something: in most of them much is delivered", () => {
  const delivered = fc.sample(steps, RUNS).map((all) => runOf(all).people.flatMap(payloads).length);
  expect(delivered.filter((count) => count >= 10).length).toBeGreaterThan(RUNS.numRuns / 2);
});
