// Whether the binary envelope survives the way there and back, and whether lengths that lie are refused.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEnvelope, writeEnvelope } from "../../protocol/envelope.ts";

const HEADER = '{"type":"video-frame"}';

/** An envelope whose prefix may say anything. */
function envelope(prefix: readonly number[], ...rest: readonly (string | Uint8Array)[]): ArrayBuffer {
  return new Uint8Array(Buffer.concat([Buffer.from(prefix), ...rest.map((part) => Buffer.from(part))])).buffer;
}

function sayingLength(headerBytes: number): readonly number[] {
  return [1, 0, headerBytes >> 8, headerBytes & 0xff];
}

describe("reading", () => {
  test("finds the header as text and the payload as bytes", () => {
    const message = envelope(sayingLength(HEADER.length), HEADER, new Uint8Array([255, 216, 0]));
    expect(readEnvelope(message)).toEqual({
      kind: "envelope",
      headerText: HEADER,
      payload: new Uint8Array([255, 216, 0]),
    });
  });

  test("looks at the payload in place instead of copying it", () => {
    const message = envelope(sayingLength(HEADER.length), HEADER, new Uint8Array([1, 2, 3]));
    expect(readEnvelope(message)?.payload.buffer).toBe(message);
  });

  test("takes an empty payload", () => {
    expect(readEnvelope(envelope(sayingLength(HEADER.length), HEADER))?.payload).toHaveLength(0);
  });

  test("reads the header length with its high byte first", () => {
    const header = "x".repeat(0x0102);
    expect(readEnvelope(envelope([1, 0, 0x01, 0x02], header))?.headerText).toBe(header);
  });

  test("takes the longest header that is allowed", () => {
    expect(readEnvelope(envelope(sayingLength(4096), "x".repeat(4096)))?.headerText).toHaveLength(4096);
  });

  test("counts the header in bytes, not in characters", () => {
    expect(readEnvelope(envelope(sayingLength(4), "éé!"))?.headerText).toBe("éé");
  });

  test("does not swallow a byte order mark, so that the header is not quietly another text", () => {
    expect(readEnvelope(envelope(sayingLength(5), "\uFEFF{}"))?.headerText).toBe("\uFEFF{}");
  });
});

describe("reading refuses", () => {
  test.each([
    ["an empty message", envelope([])],
    ["a message that ends inside the prefix", envelope([1, 0, 0])],
    ["a message that is nothing but a prefix", envelope(sayingLength(2))],
    ["a header length of 0", envelope(sayingLength(0), HEADER)],
    ["a header length of 1", envelope(sayingLength(1), HEADER)],
    ["a header length beyond 4096", envelope(sayingLength(4097), "x".repeat(4097))],
    ["the largest header length that can be written", envelope(sayingLength(65_535), "x".repeat(65_535))],
    ["a header length one byte beyond the message", envelope(sayingLength(HEADER.length + 1), HEADER)],
    ["a header length of 4096 in a short message", envelope(sayingLength(4096), HEADER)],
    ["version 0", envelope([0, 0, 0, 22], HEADER)],
    ["version 2", envelope([2, 0, 0, 22], HEADER)],
    ["a reserved byte that is not zero", envelope([1, 1, 0, 22], HEADER)],
    ["JSON text sent as bytes", envelope([], '{"type":"alert","message":"hello"}')],
    ["a header that is not UTF-8", envelope(sayingLength(2), new Uint8Array([0xff, 0xfe]))],
    ["a header that is cut inside a character", envelope(sayingLength(2), "a€")],
  ])("%s", (_what, message) => {
    expect(readEnvelope(message)).toBeUndefined();
  });

  test("or reads, but never throws, whatever bytes it is given", () => {
    const almostEnvelope = fc
      .tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(0, 1), fc.nat(300), fc.uint8Array({ maxLength: 300 }))
      .map(([version, reserved, length, rest]) => envelope([version, reserved, length >> 8, length & 0xff], rest));
    fc.assert(
      fc.property(almostEnvelope, (message) => {
        expect(["envelope", undefined]).toContain(readEnvelope(message)?.kind);
      }),
      { seed: 20_261, numRuns: 500 },
    );
  });
});

describe("writing", () => {
  test("puts version, reserved byte and header length in front", () => {
    const written = writeEnvelope("{}", new Uint8Array([7]));
    expect(new Uint8Array(written ?? new ArrayBuffer())).toEqual(new Uint8Array([1, 0, 0, 2, 0x7b, 0x7d, 7]));
  });

  test("refuses a header of 4097 bytes", () => {
    expect(writeEnvelope("x".repeat(4097), new Uint8Array())).toBeUndefined();
  });

  test("refuses a header that has few characters and too many bytes", () => {
    expect(writeEnvelope("€".repeat(1366), new Uint8Array())).toBeUndefined();
  });

  test("gives back on reading what it was given", () => {
    const headers = fc.string({
      unit: fc.constantFrom(...Array.from("a{é€😀\u0000\uFEFF")),
      minLength: 2,
      maxLength: 200,
    });
    fc.assert(
      fc.property(headers, fc.uint8Array({ maxLength: 100 }), (headerText, payload) => {
        const written = writeEnvelope(headerText, payload);
        expect(written && readEnvelope(written)).toEqual({ kind: "envelope", headerText, payload });
      }),
      { seed: 20_261 },
    );
  });
});
