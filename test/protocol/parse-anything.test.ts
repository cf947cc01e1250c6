// Whether input of any kind becomes a message or a fault without throwing, and without a word of it in the fault.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { writeEnvelope } from "../../protocol/envelope.ts";
import { isFault } from "../../protocol/fault.ts";
import { parseBinary, parseText } from "../../protocol/parse.ts";

const SEED = 20_261;

/** Letters that occur in no sentence of ours, so that a fault which repeats any of them is found out. */
const foreignText = fc.string({ unit: fc.constantFrom("Ω", "Ψ", "λ"), minLength: 1, maxLength: 140 });

const anyText = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) });

const { value: anyJson } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(null, true, -1, 0, 1.5, 1e300, ""),
    foreignText,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(foreignText, tie("value"), { maxKeys: 3 }),
  ),
}));

const FIELDS = ["token", "seq", "ref", "clientType", "produces", "consumes", "resume", "window", "batch", "latest"];
const TYPES = ["auth", "register", "frame-ack", "ping", "alert", "success", "__proto__"];

/** A message with a type that is known more often than not, and fields that are anything. */
const almostMessage = fc.record(
  {
    type: fc.oneof(fc.constantFrom<unknown>(...TYPES), anyJson),
    ...Object.fromEntries([...FIELDS, "data", "__proto__"].map((name) => [name, anyJson])),
  },
  { requiredKeys: [] },
);

/** The sentences of faults that hold anything but our own letters. */
function tellingSentences(outcomes: readonly unknown[]): readonly string[] {
  const sentences = outcomes.filter(isFault).map(({ message }) => message);
  return sentences.filter((sentence) => !/^[\x20-\x7e]+$/.test(sentence));
}

function parseEnvelope(header: unknown): unknown {
  return parseBinary(writeEnvelope(JSON.stringify(header), new Uint8Array([1])) ?? new ArrayBuffer());
}

test("JSON of any shape is one message or one fault", () => {
  fc.assert(
    fc.property(fc.oneof(almostMessage, anyJson), (value) => {
      expect(parseText(JSON.stringify(value))).toEqual([expect.objectContaining({ kind: expect.any(String) })]);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test("no fault repeats anything of the JSON that it is about", () => {
  fc.assert(
    fc.property(fc.oneof(almostMessage, anyJson), (value) => {
      expect(tellingSentences(parseText(JSON.stringify(value)))).toEqual([]);
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

test("no fault repeats anything of the header of an envelope", () => {
  fc.assert(
    fc.property(fc.oneof(almostMessage, anyJson), (header) => {
      expect(tellingSentences([parseEnvelope(header)])).toEqual([]);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test("no fault repeats anything of a text that is no JSON, as one line or as many", () => {
  const lines = fc.array(
    fc.oneof(
      foreignText,
      anyJson.map((value) => JSON.stringify(value)),
    ),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(lines, (texts) => {
      expect(tellingSentences(parseText(texts.join("\n")))).toEqual([]);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test("any text at all is at least one message or fault", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(parseText(text)).not.toHaveLength(0);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test("any bytes at all are a payload message or a fault", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(["payload", "fault"]).toContain(parseBinary(new Uint8Array(bytes).buffer).kind);
    }),
    { seed: SEED, numRuns: 500 },
  );
});
