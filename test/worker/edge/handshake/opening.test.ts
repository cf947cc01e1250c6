// What each message means that comes before its client is a member of a stream.
import { describe, expect, test } from "vitest";
import { readOpening } from "../../../../worker/edge/handshake/opening.ts";
import { binaryFrame } from "../../../support/held-client.ts";

const read = (message: unknown): unknown => readOpening(JSON.stringify(message));

test.each([
  ["an auth", { type: "auth", token: "tok.e.n", ref: 7 }, { kind: "auth", token: "tok.e.n", ref: 7 }],
  ["a ping that needs an answer of its own", { type: "ping", ref: "p" }, { kind: "ping", ref: "p" }],
  ["an acknowledgement of a frame", { type: "frame-ack", seq: 1 }, { kind: "nothing" }],
])("%s is one, with its ref", (_what, message, opening) => {
  expect(read(message)).toEqual(opening);
});

describe("a register", () => {
  test.each([
    ["that produces nothing comes to read", { consumes: ["*"] }, "read"],
    ["that names nothing at all comes to read", {}, "read"],
    ["that produces anything comes to write", { produces: ["note"], consumes: ["*"] }, "write"],
  ])("%s", (_what, fields, wants) => {
    expect(read({ type: "register", streamId: "cam-1", ref: "r", ...fields })).toEqual({
      kind: "register",
      streamId: "cam-1",
      wants,
      ref: "r",
    });
  });

  test.each([["no/stream"], [""], [7], [undefined]])("of the stream %j is unfit, with its ref", (streamId) => {
    expect(read({ type: "register", streamId, ref: "r" })).toEqual({
      kind: "unfit",
      code: "INVALID_STREAM_ID",
      detail: { ref: "r" },
      ref: "r",
    });
  });
});

describe("unfit is", () => {
  test.each([
    ["what only a member may send", '{"type":"note","ref":"n"}', "NOT_REGISTERED", "n"],
    ["a binary frame", binaryFrame({ type: "video-frame", ref: 3 }), "NOT_REGISTERED", 3],
    ["what is no JSON", "junk", "BAD_MESSAGE", undefined],
    ["a message without a type", '{"ref":"n"}', "BAD_MESSAGE", "n"],
    ["bytes that are no envelope", new ArrayBuffer(3), "BAD_MESSAGE", undefined],
    ["an empty text", "", "BAD_MESSAGE", undefined],
  ])("%s", (_what, message, code, ref) => {
    expect(readOpening(message)).toMatchObject({ kind: "unfit", code, ref, detail: { ref } });
  });
});
