// Whether `register` is read with its defaults, and refused where one of its fields is not what it should be.
import { describe, expect, test } from "vitest";
import { parseText } from "../../protocol/parse.ts";

function register(fields: Record<string, unknown>): unknown {
  return parseText(JSON.stringify({ type: "register", ...fields }))[0];
}

describe("defaults", () => {
  test("a bare register declares nothing", () => {
    expect(register({})).toEqual({
      kind: "register",
      streamId: undefined,
      clientType: undefined,
      produces: [],
      consumes: [],
      resume: undefined,
      window: undefined,
      batch: false,
      latest: true,
      ref: undefined,
    });
  });

  test("a mobile that declares nothing sends video and receives alerts", () => {
    expect(register({ clientType: "mobile" })).toMatchObject({ produces: ["video-frame"], consumes: ["alert"] });
  });

  test.each(["Mobile", "mobile ", "web", "ml", ""])(
    "a client of type %j that declares nothing gets nothing",
    (clientType) => {
      expect(register({ clientType })).toMatchObject({ produces: [], consumes: [] });
    },
  );

  test("a mobile that declares what it receives sends nothing unless it says so", () => {
    expect(register({ clientType: "mobile", consumes: ["alert"] })).toMatchObject({
      produces: [],
      consumes: ["alert"],
    });
  });

  test("a mobile that declares what it sends receives nothing unless it says so", () => {
    expect(register({ clientType: "mobile", produces: ["audio-frame"] })).toMatchObject({
      produces: ["audio-frame"],
      consumes: [],
    });
  });

  test("an empty list is a declaration too", () => {
    expect(register({ clientType: "mobile", produces: [] })).toMatchObject({ produces: [], consumes: [] });
  });
});

describe("what is taken", () => {
  test.each([
    ["a stream id as it was sent, to be judged where the path is known", { streamId: "../x" }],
    ["a label of 32 characters", { clientType: "x".repeat(32) }],
    ["the star, for every payload type", { produces: ["*"], consumes: ["*"] }],
    ["presence, where it is received", { consumes: ["*", "presence"] }],
    ["32 types in one list", { produces: Array.from({ length: 32 }, (_, index) => `type-${index}`) }],
    ["a resume point before the first message", { resume: { epoch: "", offset: 0 } }],
    ["an epoch of 32 characters", { resume: { epoch: "x".repeat(32), offset: 5 } }],
    ["a ref", { ref: "r-1" }],
  ])("%s", (_what, fields) => {
    expect(register(fields)).toMatchObject({ kind: "register", ...fields });
  });

  test("nothing of a resume point but its two fields", () => {
    expect(register({ resume: { epoch: "e", offset: 1, more: 2 } })).toHaveProperty("resume", {
      epoch: "e",
      offset: 1,
    });
  });

  test.each([{ window: 1 }, { window: 64 }, { batch: true }, { batch: false }, { latest: true }, { latest: false }])(
    "the option %j",
    (option) => {
      expect(register(option)).toMatchObject({ kind: "register" });
    },
  );

  test("a field that nobody knows, since a newer client may send it", () => {
    expect(register({ somethingNew: 1 })).toMatchObject({ kind: "register" });
  });
});

describe("what is refused", () => {
  const notTypeLists: readonly unknown[] = [
    null,
    "alert",
    { 0: "alert", length: 1 },
    [5],
    [null],
    [["alert"]],
    [""],
    ["a b"],
    ["alert", "register"],
    ["connect"],
    ["x".repeat(65)],
    Array.from({ length: 33 }, (_, index) => `type-${index}`),
  ];

  test.each(notTypeLists)("produces: %j", (produces) => {
    expect(register({ produces })).toMatchObject({ kind: "fault", code: "BAD_MESSAGE" });
  });

  test.each(notTypeLists)("consumes: %j", (consumes) => {
    expect(register({ consumes })).toMatchObject({ kind: "fault", code: "BAD_MESSAGE" });
  });

  test("presence, where it is sent", () => {
    expect(register({ produces: ["presence"] })).toMatchObject({ kind: "fault", code: "BAD_MESSAGE" });
  });

  test.each([5, true, ["mobile"], { name: "mobile" }, "x".repeat(33)])("clientType: %j", (clientType) => {
    expect(register({ clientType })).toMatchObject({ kind: "fault", code: "BAD_MESSAGE" });
  });

  test.each([
    "e:1",
    5,
    ["e", 1],
    {},
    { epoch: "e" },
    { offset: 1 },
    { epoch: 1, offset: 1 },
    { epoch: "x".repeat(33), offset: 1 },
    { epoch: "e", offset: -1 },
    { epoch: "e", offset: 1.5 },
    { epoch: "e", offset: "1" },
    { epoch: "e", offset: 2 ** 53 },
  ])("resume: %j", (resume) => {
    expect(register({ resume })).toMatchObject({ kind: "fault", code: "BAD_MESSAGE" });
  });

  test.each([0, -1, 65, 1.5, "8", true, [8]])("window: %j", (window) => {
    expect(register({ window })).toMatchObject({ kind: "fault", code: "BAD_MESSAGE" });
  });

  test.each([0, 1, "true", [true], {}])("batch: %j", (batch) => {
    expect(register({ batch })).toMatchObject({ kind: "fault", code: "BAD_MESSAGE" });
  });

  test.each([0, 1, "true", [true], {}])("latest: %j", (latest) => {
    expect(register({ latest })).toMatchObject({ kind: "fault", code: "BAD_MESSAGE" });
  });
});
