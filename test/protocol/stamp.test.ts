// Whether stamps are the gateway's alone: a client's values for their names never reach a consumer.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../protocol/json.ts";
import { closeStamped, openStamped, removeStamps } from "../../protocol/stamp.ts";

const STAMP_NAMES = [
  "streamId",
  "userId",
  "senderKind",
  "seq",
  "receivedAt",
  "dropped",
  "id",
  "offset",
  "epoch",
  "origin",
] as const;

const STAMPS = {
  streamId: "cam-1",
  userId: "user-1",
  senderKind: "user",
  seq: 7,
  receivedAt: 1_795_219_392_314,
} as const;
const DURABLE_STAMPS = { ...STAMPS, id: "alert-1", offset: 3, epoch: "e1" };

describe("removing", () => {
  test.each([...STAMP_NAMES, "ref"])("takes a client's own %s away", (name) => {
    const fields: JsonObject = { type: "alert", [name]: "forged" };
    removeStamps(fields);
    expect(fields).toEqual({ type: "alert" });
  });

  test("takes a stamp away whose value is null or undefined", () => {
    const fields: JsonObject = { type: "alert", seq: null, userId: undefined };
    removeStamps(fields);
    expect(Object.keys(fields)).toEqual(["type"]);
  });

  test("leaves every other field as it was", () => {
    const fields: JsonObject = { type: "video-frame", data: "QUJD", timestamp: 1, Seq: 2, message: "no stamp" };
    removeStamps(fields);
    expect(fields).toEqual({ type: "video-frame", data: "QUJD", timestamp: 1, Seq: 2, message: "no stamp" });
  });

  test("leaves the same names alone deeper inside, where they mean what the producer says", () => {
    const fields: JsonObject = { type: "alert", box: { id: 5, seq: 6 } };
    removeStamps(fields);
    expect(fields["box"]).toEqual({ id: 5, seq: 6 });
  });
});

describe("writing", () => {
  test("adds the stamps behind the producer's fields", () => {
    expect(closeStamped(openStamped('{"type":"video-frame","data":"QUJD"}', STAMPS))).toBe(
      `{"type":"video-frame","data":"QUJD","streamId":"cam-1","userId":"user-1","senderKind":"user","seq":7,"receivedAt":1795219392314}`,
    );
  });

  test("adds the stamps of a stored message too", () => {
    expect(JSON.parse(closeStamped(openStamped('{"type":"alert"}', DURABLE_STAMPS)))).toEqual({
      type: "alert",
      ...DURABLE_STAMPS,
    });
  });

  // A token may name a user in any characters but those of control.
  test.each(['"', "\\", 'anna","senderKind":"gateway","x":"', "Ånna 😀"])(
    "keeps within its field a text as %s",
    (text) => {
      const stamps = { ...DURABLE_STAMPS, userId: text, id: text };
      const written = closeStamped(openStamped('{"type":"alert"}', stamps));
      expect(JSON.parse(written)).toEqual({ type: "alert", ...stamps });
    },
  );

  test("can be done twice, since what was dropped is known only per consumer", () => {
    const text = closeStamped(openStamped('{"type":"video-frame"}', STAMPS), 4);
    expect(JSON.parse(text)).toEqual({ type: "video-frame", ...STAMPS, dropped: 4 });
  });
});

/** What a consumer gets of these fields. */
function relay(fields: JsonObject): string {
  const copy: JsonObject = { ...fields, type: "alert" };
  removeStamps(copy);
  return closeStamped(openStamped(JSON.stringify(copy), DURABLE_STAMPS));
}

describe("whatever a producer wrote in these names", () => {
  const names = fc.constantFrom(...STAMP_NAMES, "type", "data", "message", "ref", "constructor");
  const written = fc.dictionary(names, fc.jsonValue({ maxDepth: 1 }));

  test("a consumer reads our stamps", () => {
    fc.assert(
      fc.property(written, (fields) => {
        expect(JSON.parse(relay(fields))).toMatchObject(DURABLE_STAMPS);
      }),
      { seed: 20_261 },
    );
  });

  test("each stamp stands once, so that parsers which take the first of two agree with those which take the last", () => {
    fc.assert(
      fc.property(fc.dictionary(names, fc.integer()), (fields) => {
        const text = relay(fields);
        for (const name of STAMP_NAMES) expect(text.split(`"${name}":`).length - 1).toBeLessThanOrEqual(1);
      }),
      { seed: 20_261 },
    );
  });
});
