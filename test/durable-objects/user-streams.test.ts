// The way from a stream to a user's object: answered, or not within five seconds, and never a failure to its caller.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { UserStreams } from "../../durable-objects/stream/rights/claiming.ts";

// By a name that the compiler does not follow: the platform's types and those of a browser cannot be in one program.
const USER_STREAMS = "../../durable-objects/user-streams.ts";
const { makeUserStreams } = (await import(USER_STREAMS)) as {
  makeUserStreams: (env: unknown, keepAlive: (work: Promise<unknown>) => void) => UserStreams;
};

interface UserObject {
  readonly expectStream: (userId: string, streamId: string) => Promise<boolean>;
  readonly settleStream: (streamId: string, isOwned: boolean) => Promise<void>;
}

function usersOf(object: Partial<UserObject>) {
  const addressed: string[] = [];
  const background: Promise<unknown>[] = [];
  const USERS = {
    getByName: (userId: string) => {
      addressed.push(userId);
      return object;
    },
  };
  const users = makeUserStreams({ USERS }, (work) => background.push(work));
  return { users, addressed, background };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the question for room", () => {
  test.each([
    [true, "room"],
    [false, "full"],
  ])("that is answered with %j is %s", async (answer, room) => {
    const asked: unknown[] = [];
    const { users, addressed } = usersOf({
      expectStream: (...question) => {
        asked.push(question);
        return Promise.resolve(answer);
      },
    });
    expect(await users.expect("anna", "cam")).toBe(room);
    expect([addressed, asked]).toEqual([["anna"], [["anna", "cam"]]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that fails is unreachable", async () => {
    const { users } = usersOf({ expectStream: () => Promise.reject(new Error("overloaded")) });
    expect(await users.expect("anna", "cam")).toBe("unreachable");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that is not answered is unreachable after five seconds, whatever comes later", async () => {
    const late = Promise.withResolvers<boolean>();
    const { users } = usersOf({ expectStream: () => late.promise });
    let room: unknown;
    const asking = Promise.resolve(users.expect("anna", "cam")).then((answer) => (room = answer));
    await vi.advanceTimersByTimeAsync(4999);
    expect(room).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(room).toBe("unreachable");
    late.reject(new Error("too late"));
    await asking;
  });
});

describe("the word of what came of it", () => {
  test("keeps the object awake until it is there", async () => {
    const told: unknown[] = [];
    const { users, background } = usersOf({
      settleStream: (...word) => {
        told.push(word);
        return Promise.resolve();
      },
    });
    users.settle("anna", "cam", true);
    await Promise.all(background);
    expect([told, background.length]).toEqual([[["cam", true]], 1]);
  });

  test("need not arrive", async () => {
    const { users, background } = usersOf({ settleStream: () => Promise.reject(new Error("overloaded")) });
    users.settle("anna", "cam", false);
    expect(await Promise.all(background)).toEqual([undefined]);
  });
});
