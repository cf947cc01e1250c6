// The variable FRAME_SINKS: what it may look like, and which frames a sink wants.
import { expect, test } from "vitest";
import { VariableReader } from "../../../../auth/variables.ts";
import { readFrameSinks, wantsFrame } from "../../../../durable-objects/stream/sinks/sink-config.ts";

const BOUND = { MODEL: {}, OTHER: {}, TEXT: "a variable, not a binding" };

function read(text: unknown) {
  const variables = new VariableReader({ ...BOUND, FRAME_SINKS: text });
  return { sinks: readFrameSinks(variables), problems: variables.problems };
}

const DEFAULTS = { types: ["video-frame"], streams: ["*"] };

test.each([
  ["nothing", undefined, []],
  ["an empty text", "", []],
  ["one binding", "MODEL", [{ binding: "MODEL", ...DEFAULTS }]],
  [
    "a comma list with spaces and an empty item",
    " MODEL , ,OTHER",
    [
      { binding: "MODEL", ...DEFAULTS },
      { binding: "OTHER", ...DEFAULTS },
    ],
  ],
  ["an empty JSON list", "[]", []],
  ["JSON with the binding alone", ' [{"binding":"MODEL"}]', [{ binding: "MODEL", ...DEFAULTS }]],
  [
    "JSON with types and streams",
    '[{"binding":"MODEL","types":["pose","video-frame"],"streams":["cam-*","door"]}]',
    [{ binding: "MODEL", types: ["pose", "video-frame"], streams: ["cam-*", "door"] }],
  ],
])("FRAME_SINKS may be %s", (_what, text, expected) => {
  expect(read(text)).toEqual({ sinks: expected, problems: [] });
});

const NO_LIST = "must be a comma list of bindings or a JSON list";
const BAD_ENTRY = "holds an entry that is not {binding, types?, streams?}";

test.each([
  ["is no JSON after its bracket", "[oops", NO_LIST],
  ["names something that is not bound", "ABSENT", "names a Worker, in entry 1, that is not bound"],
  ["names a variable instead of a binding", "TEXT", "names a Worker, in entry 1, that is not bound"],
  ["holds a name that no binding can have", "MO DEL", BAD_ENTRY],
  ["holds a JSON entry without a binding", '[{"types":["pose"]}]', BAD_ENTRY],
  ["holds an entry that is not an object", '["MODEL"]', BAD_ENTRY],
  ["holds a control word as a type", '[{"binding":"MODEL","types":["register"]}]', BAD_ENTRY],
  ["holds an empty list of types", '[{"binding":"MODEL","types":[]}]', BAD_ENTRY],
  ["holds an empty list of streams", '[{"binding":"MODEL","streams":[]}]', BAD_ENTRY],
  ["holds streams that are not texts", '[{"binding":"MODEL","streams":[1]}]', BAD_ENTRY],
  ["is not a text", 5, "must be a string"],
])("FRAME_SINKS that %s is reported and gives no sink", (_what, text, message) => {
  expect(read(text)).toEqual({ sinks: [], problems: [{ variable: "FRAME_SINKS", message }] });
});

test("A bad entry does not take the good ones with it", () => {
  const { sinks, problems } = read('[{"binding":"ABSENT"},{"binding":"MODEL"}]');
  expect(sinks).toEqual([{ binding: "MODEL", ...DEFAULTS }]);
  expect(problems).toHaveLength(1);
});

test.each([
  ["a type that it names", "pose", true],
  ["a type that it does not name", "video-frame", false],
])("A sink is asked about %s", (_what, type, expected) => {
  expect(wantsFrame({ binding: "MODEL", types: ["pose", "depth"], streams: ["*"] }, type, "cam-1")).toBe(expected);
});

test.each([
  ["cam-1", "cam-1", true],
  ["cam-1", "cam-10", false],
  ["cam-*", "cam-1", true],
  ["cam-*", "my-cam-1", false],
  ["cam-*", "door", true],
])("A sink of the streams door and %s wants frames of %s: %s", (pattern, streamId, expected) => {
  const sink = { binding: "MODEL", types: ["pose"], streams: ["door", pattern] };
  expect(wantsFrame(sink, "pose", streamId)).toBe(expected);
});
