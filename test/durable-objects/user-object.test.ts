// A user's object: asks the streams whose word never came, when it is listed or full, and lives with those that are mute.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { OwnedStream } from "../../durable-objects/user/owned-streams.ts";
import { MemoryStorage } from "../support/memory-storage.ts";

vi.mock("cloudflare:workers", () => ({
  DurableObject: class {
    protected readonly ctx: unknown;
    protected readonly env: unknown;

    constructor(ctx: unknown, env: unknown) {
      this.ctx = ctx;
      this.env = env;
    }
  },
}));

interface UserObject {
  expectStream(userId: string, streamId: string): Promise<boolean>;
  settleStream(streamId: string, isOwned: boolean): void;
  listStreams(userId: string): Promise<readonly OwnedStream[]>;
}

// By a name that the compiler does not follow: the platform's types and those of a browser cannot be in one program.
const OBJECT = "../../durable-objects/user-object.ts";
const { UserObject } = (await import(OBJECT)) as { UserObject: new (ctx: unknown, env: unknown) => UserObject };

const MINUTE_MS = 60_000;

/** What the object of a stream answers to whether it is on a user's account. */
type Answer = (userId: string) => Promise<boolean>;

const owned: Answer = () => Promise.resolve(true);
const notOwned: Answer = () => Promise.resolve(false);
const mute: Answer = () => Promise.reject(new Error("overloaded"));

/** The object of anna, with streams that answer as they are told. */
function objectOf(variables: Record<string, unknown> = {}) {
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const STREAMS = {
    getByName: (streamId: string) => ({
      isOnAccountOf: (userId: string) => {
        asked.push(`${streamId} by ${userId}`);
        return (answers.get(streamId) ?? mute)(userId);
      },
    }),
  };
  const storage = new MemoryStorage();
  const object = new UserObject({ storage }, { STREAMS, ...variables });
  const list = async (): Promise<readonly string[]> =>
    (await object.listStreams("anna")).map(({ streamId }) => streamId);
  const expectStream = (streamId: string): Promise<boolean> => object.expectStream("anna", streamId);
  return { object, answers, asked, list, expectStream };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

test("What a stream settled is listed, and nobody is asked", async () => {
  const { object, asked, list, expectStream } = objectOf();
  expect(await expectStream("cam")).toBe(true);
  object.settleStream("cam", true);
  expect([await list(), asked]).toEqual([["cam"], []]);
});

describe("a stream whose word never came", () => {
  test("is neither listed nor asked within a minute, since it may be at it", async () => {
    const { answers, asked, list, expectStream } = objectOf();
    answers.set("cam", owned);
    await expectStream("cam");
    vi.advanceTimersByTime(MINUTE_MS);
    expect([await list(), asked]).toEqual([[], []]);
  });

  test("is asked after that, once, and listed where it says so", async () => {
    const { answers, asked, list, expectStream } = objectOf();
    answers.set("cam", owned);
    await expectStream("cam");
    vi.advanceTimersByTime(MINUTE_MS + 1);
    expect([await list(), await list(), asked]).toEqual([["cam"], ["cam"], ["cam by anna"]]);
  });

  test("is forgotten where it says that it is not his", async () => {
    const { answers, asked, list, expectStream } = objectOf();
    answers.set("cam", notOwned);
    await expectStream("cam");
    vi.advanceTimersByTime(MINUTE_MS + 1);
    expect([await list(), await list(), asked]).toEqual([[], [], ["cam by anna"]]);
  });

  test("stays unsure where it cannot be asked, and the others are heard", async () => {
    const { answers, list, expectStream } = objectOf();
    answers.set("door", owned);
    for (const streamId of ["cam", "door"]) await expectStream(streamId);
    vi.advanceTimersByTime(MINUTE_MS + 1);
    expect(await list()).toEqual(["door"]);
    answers.set("cam", owned);
    expect(await list()).toEqual(["cam", "door"]);
  });

  test("that was being deleted is gone or back, as it says", async () => {
    const { object, answers, list, expectStream } = objectOf();
    for (const streamId of ["cam", "door"]) {
      await expectStream(streamId);
      object.settleStream(streamId, true);
      await expectStream(streamId);
    }
    answers.set("cam", notOwned).set("door", owned);
    vi.advanceTimersByTime(MINUTE_MS + 1);
    expect(await list()).toEqual(["door"]);
  });
});

test("A list that has room asks nobody for more", async () => {
  const { asked, expectStream } = objectOf({ MAX_STREAMS_PER_USER: "2" });
  await expectStream("cam");
  vi.advanceTimersByTime(MINUTE_MS + 1);
  expect([await expectStream("door"), asked]).toEqual([true, []]);
});

describe("an answer that was on its way while the stream was claimed", () => {
  /** The answer, to be given once the list has asked for it. */
  async function asking() {
    const all = objectOf();
    await all.expectStream("cam");
    vi.advanceTimersByTime(MINUTE_MS + 1);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    all.answers.set("cam", () => promise);
    return { ...all, listing: all.list(), answer: resolve };
  }

  test("does not take a stream off the list that has become his", async () => {
    const { object, answer, expectStream, list, listing } = await asking();
    await expectStream("cam");
    object.settleStream("cam", true);
    answer(false);
    await listing;
    expect(await list()).toEqual(["cam"]);
  });

  test("does not make a claim sure that is still at it", async () => {
    const { answer, expectStream, list, listing } = await asking();
    await expectStream("cam");
    answer(true);
    await listing;
    expect(await list()).toEqual([]);
  });
});

// Two messages to an object may overtake each other where one of them is tried again on the way.
describe("a word that comes late", () => {
  test("that a stream is his, after its deletion, is asked about", async () => {
    const { object, answers, expectStream, list } = objectOf();
    await expectStream("cam");
    await expectStream("cam");
    object.settleStream("cam", false); // of the deletion
    object.settleStream("cam", true); // of the claim before
    answers.set("cam", notOwned);
    vi.advanceTimersByTime(MINUTE_MS + 1);
    expect(await list()).toEqual([]);
  });

  test("that a stream is not his, after it was claimed anew, is asked about", async () => {
    const { object, answers, expectStream, list } = objectOf();
    for (let life = 0; life < 2; life += 1) {
      await expectStream("cam");
      object.settleStream("cam", true);
    }
    object.settleStream("cam", false); // of a deletion in between
    answers.set("cam", owned);
    vi.advanceTimersByTime(MINUTE_MS + 1);
    expect(await list()).toEqual(["cam"]);
  });
});

describe("a list that is full", () => {
  async function full() {
    const all = objectOf({ MAX_STREAMS_PER_USER: "2" });
    await all.expectStream("sure");
    all.object.settleStream("sure", true);
    await all.expectStream("unsure");
    return all;
  }

  test("has no room, and asks nobody whose word may still come", async () => {
    const { asked, expectStream } = await full();
    expect([await expectStream("third"), asked]).toEqual([false, []]);
  });

  test("has room after it asked, where one is not his after all", async () => {
    const { answers, asked, expectStream } = await full();
    answers.set("unsure", notOwned);
    vi.advanceTimersByTime(MINUTE_MS + 1);
    expect([await expectStream("third"), asked]).toEqual([true, ["unsure by anna"]]);
  });

  test.each([
    ["his", owned],
    ["mute", mute],
  ])("stays full where the one that it asks is %s", async (_what, answer) => {
    const { answers, expectStream } = await full();
    answers.set("unsure", answer);
    vi.advanceTimersByTime(MINUTE_MS + 1);
    expect(await expectStream("third")).toBe(false);
  });

  test("has room for a stream that is on it", async () => {
    const { expectStream } = await full();
    expect(await expectStream("sure")).toBe(true);
  });
});

test("A thousand streams are room for everyone unless configured otherwise", async () => {
  const { expectStream } = objectOf();
  for (let index = 0; index < 1000; index += 1) expect(await expectStream(`cam-${index}`)).toBe(true);
  expect(await expectStream("one more")).toBe(false);
});
