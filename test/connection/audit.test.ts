// Which events are told one by one, which are only counted, and that telling them harms nobody.
import { describe, expect, test } from "vitest";
import { type AuditEvent, identityOf, makeNote } from "../../connection/audit.ts";
import { service, user } from "../support/members.ts";

const MINUTE_MS = 60_000;
const REFUSED = { event: "credential-refused", place: "upgrade" } as const;

class Book {
  nowMs = 1_795_262_410_000;
  readonly told: AuditEvent[] = [];
  readonly note = makeNote([(event) => this.told.push(event)], () => this.nowMs);

  times(count: number, event: AuditEvent): void {
    for (let time = 0; time < count; time += 1) this.note(event);
  }

  /** How often an event was told. */
  count(name: AuditEvent["event"]): number {
    return this.told.filter(({ event }) => event === name).length;
  }
}

describe("what strangers can repeat", () => {
  test("is told a hundred times a minute, and counted from there on", () => {
    const book = new Book();
    book.times(250, REFUSED);
    expect(book.count("credential-refused")).toBe(100);
    book.nowMs += MINUTE_MS;
    book.note({ event: "joined" });
    expect(book.told.slice(100)).toEqual([
      { event: "suppressed", of: "credential-refused", place: "upgrade", count: 150 },
      { event: "joined" },
    ]);
  });

  test("is told anew in the next minute", () => {
    const book = new Book();
    book.times(101, REFUSED);
    book.nowMs += MINUTE_MS;
    book.times(101, REFUSED);
    expect([book.count("credential-refused"), book.count("suppressed")]).toEqual([200, 1]);
  });

  test("is counted for each place, so that one who floods a door hides nothing at another", () => {
    const book = new Book();
    book.times(200, REFUSED);
    book.note({ ...REFUSED, place: "http" });
    expect(book.told.at(-1)).toEqual({ ...REFUSED, place: "http" });
  });

  test("hides nothing of another kind", () => {
    const book = new Book();
    book.times(200, REFUSED);
    book.note({ event: "credential-accepted", place: "upgrade" });
    expect(book.told.at(-1)).toEqual({ event: "credential-accepted", place: "upgrade" });
  });
});

test("nothing is said of a minute in which nothing was left out", () => {
  const book = new Book();
  book.times(100, REFUSED);
  book.nowMs += MINUTE_MS;
  book.note(REFUSED);
  expect(book.count("suppressed")).toBe(0);
});

test("what members do is told a thousand times a minute", () => {
  const book = new Book();
  book.times(1001, { event: "left" });
  expect(book.count("left")).toBe(1000);
});

test.each(["claimed", "access-changed", "stream-deleted", "drained", "misconfigured"] as const)(
  "%s is told however often it happens",
  (event) => {
    const book = new Book();
    book.times(2000, { event });
    expect(book.count(event)).toBe(2000);
  },
);

test("a sink that fails takes nothing from the others, nor from who is served", () => {
  const told: AuditEvent[] = [];
  const broken = (): void => {
    throw new Error("full");
  };
  const note = makeNote([broken, (event) => told.push(event), broken], () => 0);
  expect(() => note(REFUSED)).not.toThrow();
  expect(told).toEqual([REFUSED]);
});

test("a principal is named by its kind and id, and a user's session by its name", () => {
  expect([identityOf(user("anna")), identityOf(service("robot"))]).toEqual([
    { principal: "user", userId: "anna", sessionId: "session-of-anna" },
    { principal: "service", userId: "svc:robot", sessionId: undefined },
  ]);
});
