// What a bridge reads from a message of the object, wherever its producer wrote it, and that the rest stays as it is.
import { describe, expect, test } from "vitest";
import { Relayed } from "../../../../durable-objects/stream/delivery/relayed.ts";
import { readEnvelope, writeEnvelope } from "../../../../protocol/envelope.ts";
import type { Lane } from "../../../../protocol/lanes.ts";
import { PassingMessage } from "../../../../worker/edge/bridge/passing-message.ts";

const STAMPS = {
  streamId: "cam-1",
  userId: "anna",
  senderKind: "user",
  seq: 7,
  receivedAt: 1_795_262_400_000,
} as const;

/** As the object sends it to a bridge. */
function sent(fieldsText: string, lane: Lane = "latest", missed = 3, payload?: Uint8Array<ArrayBuffer>) {
  const relayed = Relayed.of("video-frame", lane, fieldsText, STAMPS, payload);
  if (relayed === undefined) throw new Error("the header is too long");
  return relayed.formFor(missed);
}

function headerOf(message: string | ArrayBuffer): unknown {
  return JSON.parse(typeof message === "string" ? message : (readEnvelope(message)?.headerText ?? ""));
}

const FORGED = '"type":"alert","seq":5,"receivedAt":1,"dropped":9';
const PRODUCERS: readonly (readonly [string, string])[] = [
  ["a type that is first", '{"type":"video-frame","data":"AAAA"}'],
  ["a type behind the data", '{"data":"AAAA","type":"video-frame","width":640}'],
  ["a type far behind", `{"data":"${"A".repeat(10_000)}","type":"video-frame"}`],
  ["a type behind a field that is a number", '{"1":"x","type":"video-frame"}'],
  ["stamps of its own inside data", `{"type":"video-frame","data":{${FORGED}}}`],
  ["stamps of its own inside data, before the type", `{"data":{${FORGED}},"type":"video-frame"}`],
  ["a text that looks like stamps", JSON.stringify({ type: "video-frame", note: `${FORGED}}` })],
  ["a text that looks like a type, before it", JSON.stringify({ note: '{"type":"alert"', type: "video-frame" })],
];

describe.each(["text", "binary"] as const)("of a frame as %s", (form) => {
  const payload = form === "binary" ? Uint8Array.from(Buffer.from(`{${FORGED}}`)) : undefined;

  test.each(PRODUCERS.filter(([, text]) => form === "text" || text.length < 4000))(
    "type, number and count are found beside %s",
    (_what, fields) => {
      const passing = new PassingMessage(sent(fields, "latest", 3, payload));
      expect(passing).toMatchObject({ type: "video-frame", lane: "latest", seq: 7, dropped: 3 });
    },
  );

  test.each([0, undefined])("whose client missed %s here exactly the very message is passed", (missed) => {
    const message = sent('{"type":"video-frame"}', "latest", 3, payload);
    expect(new PassingMessage(message).formFor(missed)).toBe(message);
  });

  test.each(PRODUCERS.filter(([, text]) => form === "text" || text.length < 4000))(
    "what was missed here is added, and nothing else changes, beside %s",
    (_what, fields) => {
      const message = sent(fields, "latest", 3, payload);
      const written = new PassingMessage(message).formFor(40);
      expect(headerOf(written)).toEqual({ ...Object(headerOf(message)), dropped: 43 });
      const payloads = [message, written].map((one) =>
        typeof one === "string" ? undefined : readEnvelope(one)?.payload,
      );
      expect(payloads[1]).toEqual(payloads[0]);
    },
  );

  test("the size is that on the wire", () => {
    const message = sent('{"type":"video-frame","note":"€"}', "latest", 3, payload);
    const bytes = typeof message === "string" ? Buffer.byteLength(message) : message.byteLength;
    expect(new PassingMessage(message).bytes).toBe(bytes);
  });
});

describe("what is no frame", () => {
  test.each([
    ["an alert", sent('{"type":"alert"}', "durable")],
    ["a live message", sent('{"type":"chat"}', "live")],
    ["a live message with stamps inside", sent(`{"type":"chat","a":{${FORGED}}}`, "live")],
    ["a success", '{"type":"success","message":"Registration successful"}'],
    ["an error", '{"type":"error","code":"UNAUTHORIZED"}'],
    ["bytes that are no envelope", new ArrayBuffer(3)],
    ["an empty text", ""],
  ])("%s may not be missed, and is passed as it is", (_what, message) => {
    const passing = new PassingMessage(message);
    expect([passing.lane, passing.dropped, passing.formFor(undefined)]).toEqual(["live", 0, message]);
    expect(passing.formFor(undefined)).toBe(message);
  });
});

test("A header that has no room for another digit keeps the count that it has", () => {
  const stamps = '"seq":7,"receivedAt":5,"dropped":9}';
  const start = '{"type":"video-frame","pad":"';
  const header = `${start}${"x".repeat(4096 - start.length - stamps.length - 2)}",${stamps}`;
  const message = writeEnvelope(header, new Uint8Array(3));
  if (message === undefined) throw new Error("the header is too long");
  expect(new PassingMessage(message).formFor(1)).toBe(message);
});
