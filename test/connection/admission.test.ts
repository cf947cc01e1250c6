// Whether a message may join what waits for a consumer, in each lane and at each bound.
import { describe, expect, test } from "vitest";
import { admit, type Bounds } from "../../connection/admission.ts";
import { waitingBytes } from "../../connection/backlog.ts";
import type { Lane } from "../../protocol/lanes.ts";

const BOUNDS: Bounds = { consumerBufferBytes: 1000, objectBufferBytes: 5000 };

interface Load {
  /** Bytes that wait for this consumer. */
  readonly waiting: number;
  /** Of these, what was sent while others waited. */
  readonly behind?: number;
  readonly message: number;
  /** Bytes that wait for all consumers. */
  readonly total?: number;
}

function decide(lane: Lane, { waiting, behind = waiting, message, total = waiting }: Load): string {
  return admit(lane, { bytes: waiting, behindBytes: behind }, { bytes: message }, { bytes: total }, BOUNDS);
}

describe("where nothing waits for a consumer", () => {
  test.each(["latest", "durable", "live"] as const)("a message on %s is sent, however large", (lane) => {
    expect(decide(lane, { waiting: 0, message: 1_000_000 })).toBe("send");
  });

  test("a message is sent though others fill the object, so that they cost this consumer nothing", () => {
    expect(decide("latest", { waiting: 0, message: 10, total: 1_000_000 })).toBe("send");
  });

  test("neither the size nor the sum is asked for, as both cost work for each message", () => {
    let asked = 0;
    const counting = {
      get bytes() {
        return (asked += 1);
      },
    };
    admit("durable", { bytes: 0, behindBytes: 0 }, counting, counting, BOUNDS);
    expect(asked).toBe(0);
  });
});

describe("latest", () => {
  test("may fill half of what a consumer may leave waiting", () => {
    expect(decide("latest", { waiting: 400, message: 100 })).toBe("send");
  });

  test("is skipped a byte beyond, not closed", () => {
    expect(decide("latest", { waiting: 400, message: 101 })).toBe("skip");
  });

  test("may fill the object to its last byte", () => {
    expect(decide("latest", { waiting: 1, message: 1, total: 4999 })).toBe("send");
  });

  test("is skipped where the object is full", () => {
    expect(decide("latest", { waiting: 1, message: 1, total: 5000 })).toBe("skip");
  });
});

describe.each(["durable", "live"] as const)("%s", (lane) => {
  test("may fill all that a consumer may leave waiting", () => {
    expect(decide(lane, { waiting: 900, message: 100 })).toBe("send");
  });

  test("closes a consumer that is a byte beyond, since it must miss nothing", () => {
    expect(decide(lane, { waiting: 900, message: 101 })).toBe("close");
  });

  test("may fill the object to its last byte", () => {
    expect(decide(lane, { waiting: 100, message: 10, total: 4990 })).toBe("send");
  });

  test("closes a slow consumer where the object is full", () => {
    expect(decide(lane, { waiting: 100, message: 10, total: 4991 })).toBe("close");
  });

  test("does not close who is hardly behind for what others have not read", () => {
    expect(decide(lane, { waiting: 1, message: 10, total: 1_000_000 })).toBe("send");
  });
});

// With the defaults, since the part is only then a whole number of bytes.
test.each([
  [16 * 1024, "send"],
  [16 * 1024 + 1, "close"],
])("Who has %i of a MiB waiting while others fill the object: %s", (waiting, admission) => {
  const bounds = { consumerBufferBytes: 1024 * 1024, objectBufferBytes: 32 * 1024 * 1024 };
  const waits = { bytes: waiting, behindBytes: waiting };
  expect(admit("live", waits, { bytes: 1 }, { bytes: bounds.objectBufferBytes }, bounds)).toBe(admission);
});

test("Who was only sent a large message where nothing waited is not behind, though others fill the object", () => {
  expect(decide("live", { waiting: 900, behind: 0, message: 10, total: 1_000_000 })).toBe("send");
  expect(decide("live", { waiting: 900, behind: 0, message: 101, total: 0 })).toBe("close");
  expect(decide("latest", { waiting: 400, behind: 0, message: 10, total: 1_000_000 })).toBe("skip");
});

describe("what waits", () => {
  test("is what the runtime counts", () => {
    expect(waitingBytes({ bufferedAmount: 12 })).toBe(12);
  });

  test("is nothing where the runtime has no count", () => {
    expect(waitingBytes({})).toBe(0);
  });
});
