// What is written of an event: the fields of the list and no others, in one line that nothing in it can end.
import * as fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { lineOf, makeDatasetSink, writeLine } from "../../connection/audit-sinks.ts";
import { type AuditEvent, NUMBER_FIELDS, TEXT_FIELDS } from "../../connection/audit.ts";

const LEFT: AuditEvent = { event: "left", userId: "anna", streamId: "cam-1", closeCode: 1001, code: undefined };

describe("a line", () => {
  test("is the event as JSON, without what it does not have", () => {
    expect(lineOf(LEFT)).toBe('{"event":"left","userId":"anna","streamId":"cam-1","closeCode":1001}');
  });

  test("has no other field, whatever an event carries", () => {
    const carried: AuditEvent & Record<string, unknown> = { ...LEFT, token: "eyJ…", url: "https://gate/?token=eyJ" };
    expect(lineOf(carried)).toBe(lineOf(LEFT));
  });

  test("shows no more of a long id than 256 characters", () => {
    expect(JSON.parse(lineOf({ event: "left", userId: "x".repeat(300) }))).toEqual({
      event: "left",
      userId: "x".repeat(256),
    });
  });

  test("cannot be ended, forged or turned around by what an id holds, and says it all the same", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constant('\r\n{"event":"claimed"}\u0000\u2028\u202e\u0085\ud800'),
    );
    fc.assert(
      fc.property(text, (userId) => {
        const line = lineOf({ event: "left", userId });
        expect(line).toMatch(/^\{[\u0020-\u007e]*\}$/);
        expect(JSON.parse(line)).toEqual(
          userId === "" ? { event: "left" } : { event: "left", userId: userId.slice(0, 256) },
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe("the log", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("gets a line for each event", () => {
    const log = vi.spyOn(console, "log").mockReturnValue();
    writeLine(LEFT);
    expect(log.mock.calls).toEqual([[lineOf(LEFT)]]);
  });
});

describe("a data point", () => {
  const points: unknown[] = [];
  const sink = makeDatasetSink({ writeDataPoint: (point) => points.push(point) });

  test("has the event as index, texts as blobs and numbers as doubles, each always in its place", () => {
    sink({ ...LEFT, keyNumber: 2 });
    expect(points).toEqual([
      {
        indexes: ["left"],
        blobs: ["left", "", "", "", "", "", "", "", "", "anna", "", "cam-1", "", "", "", "", "", "", "", ""],
        doubles: [1, 1001, 2, 0],
      },
    ]);
  });

  test("of what was left out stands for as many, so that sums are right", () => {
    points.length = 0;
    sink({ event: "suppressed", of: "left", count: 150 });
    expect(points).toMatchObject([{ doubles: [150, 0, -1, 0] }]);
  });

  test("fits what the platform takes: 20 blobs of 16 KB together, 20 doubles", () => {
    expect(TEXT_FIELDS.length).toBeLessThanOrEqual(20);
    expect(NUMBER_FIELDS.length).toBeLessThanOrEqual(20);
    expect(TEXT_FIELDS.length * 256 * 3).toBeLessThan(16_384);
  });
});
