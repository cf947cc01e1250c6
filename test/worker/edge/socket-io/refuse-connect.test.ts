// How a CONNECT is refused: in the packets and words that the applications of each kind of server expect.
import { describe, expect, test } from "vitest";
import { type Code, CODES } from "../../../../protocol/codes.ts";
import type { SocketIoPath } from "../../../../worker/edge/socket-io/config.ts";
import { refuseConnect } from "../../../../worker/edge/socket-io/refuse-connect.ts";
import { readOfficially } from "../../../support/official-parser.ts";

const TEXTS = { missing: "who are you", invalid: 'not "you"', forbidden: "not here" };
const IO_USE: SocketIoPath = { path: "/socket.io", refusal: "io-use", texts: TEXTS };
const NESTJS: SocketIoPath = { ...IO_USE, refusal: "nestjs" };
const ALL = Object.keys(CODES) as Code[];
const TEMPORARY = ALL.filter((code) => CODES[code].temporary);
const FINAL = ALL.filter((code) => !CODES[code].temporary);

/** The packets, as the official parser reads them. */
function packets(code: Code, path: SocketIoPath, detail: Parameters<typeof refuseConnect>[1] = {}): unknown {
  return refuseConnect(code, detail, path, () => "s-1")?.map((text) => {
    const { type, data } = readOfficially([text]) as { readonly type: number; readonly data?: unknown };
    return [type, data];
  });
}

test.each(TEMPORARY)("%s is no packet at all: a client that reads one would not come back by itself", (code) => {
  expect([packets(code, IO_USE), packets(code, NESTJS)]).toEqual([undefined, undefined]);
});

describe("as io.use does", () => {
  test.each(FINAL)("%s is a CONNECT_ERROR with all that an error says", (code) => {
    const { temporary, reauth, sentence } = CODES[code];
    expect(packets(code, IO_USE)).toEqual([
      [4, { message: expect.any(String), data: { code, message: sentence, temporary, reauth } }],
    ]);
  });

  test("the reason and the exact sentence are in its data", () => {
    const detail = { reason: "expired", detail: "More exact", retryAfterMs: 5 };
    const { temporary, reauth } = CODES.AUTH_FAILED;
    const data = { code: "AUTH_FAILED", message: "More exact", temporary, reauth, reason: "expired", retryAfterMs: 5 };
    expect(packets("AUTH_FAILED", IO_USE, detail)).toEqual([[4, { message: TEXTS.invalid, data }]]);
  });
});

describe("as a guard of NestJS does", () => {
  test.each(FINAL)("%s is a connection, an event `error` and a DISCONNECT", (code) => {
    expect(packets(code, NESTJS)).toEqual([
      [0, { sid: "s-1" }],
      [2, ["error", expect.any(String)]],
      [1, undefined],
    ]);
  });
});

describe.each([
  ["io-use", IO_USE, (text: string) => [[4, expect.objectContaining({ message: text })]]],
  ["nestjs", NESTJS, (text: string) => expect.arrayContaining([[2, ["error", text]]])],
] as const)("the words of %s", (_name, path, saying) => {
  test.each<[Code, string]>([
    ["AUTH_REQUIRED", TEXTS.missing],
    ["AUTH_FAILED", TEXTS.invalid],
    ["SESSION_REVOKED", TEXTS.invalid],
    ["UNAUTHORIZED", TEXTS.forbidden],
    ["ORIGIN_NOT_ALLOWED", TEXTS.forbidden],
    ["INVALID_STREAM_ID", CODES.INVALID_STREAM_ID.sentence],
  ])("for %s are %s", (code, text) => {
    expect(packets(code, path)).toEqual(saying(text));
  });

  test("for what has no text of its own are the most exact sentence there is", () => {
    expect(packets("BAD_REQUEST", path, { detail: "Named twice" })).toEqual(saying("Named twice"));
    expect(packets("BAD_REQUEST", path, { message: "Said so", detail: "Named twice" })).toEqual(saying("Said so"));
  });
});
