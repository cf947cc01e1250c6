// Which of the credentials that a client of Socket.IO shows is looked at, and which of them decides.
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../../protocol/json.ts";
import { readConfig } from "../../../../worker/config.ts";
import { ALICE } from "../../../support/held-client.ts";
import { occasionAt } from "../../../support/occasion.ts";
import { TEST_SECRET } from "../../../support/session-token.ts";

/** Loaded without its types: those of the runtime, which it names, are not there for tests. */
const SOURCE: string = new URL("../../../../worker/edge/socket-io/connect-check.ts", import.meta.url).pathname;
const { checkConnect } = (await import(SOURCE)) as {
  readonly checkConnect: (attempt: Record<string, unknown>) => Promise<unknown>;
};

const { config } = readConfig({ BETTER_AUTH_SECRET: TEST_SECRET });
const COOKIE = "better-auth.session_token=cookie.signature";
const ORIGIN = "https://gateway.test";

interface Shown {
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly auth?: JsonObject;
}

/** The answer, and each credential that was looked at: its token, and whether failing it counts. */
async function check({ query = "", headers = {}, auth }: Shown, codes: readonly string[] = []) {
  const looked: unknown[] = [];
  const told: unknown[] = [];
  const answer = await checkConnect({
    request: new Request(`${ORIGIN}/socket.io/?EIO=4&transport=websocket${query}`, { headers }),
    gate: {
      config,
      note: ({ event, place, streamId, code }: JsonObject) => told.push([event, place, streamId, code]),
      guard: {
        present: ({ kind, token = kind }: Record<string, unknown>, { isClaim, place, streamId }: JsonObject) => {
          looked.push([token, isClaim]);
          expect([place, streamId]).toEqual(["message", "run-1"]);
          const code = codes[looked.length - 1];
          return Promise.resolve(code === undefined ? ALICE : { code });
        },
      },
    },
    occasion: occasionAt(),
    auth,
    streamId: "run-1",
  });
  // The guard writes down what it looked at; where nothing was left to look at nobody else does.
  const { code } = answer as { readonly code?: string };
  const isUnseen = code === "AUTH_REQUIRED" || code === "BAD_REQUEST";
  expect(told).toEqual(isUnseen ? [["connection-refused", "message", "run-1", code]] : []);
  return { answer, looked };
}

describe("what was shown with intent decides", () => {
  test.each<[string, Shown, string]>([
    ["a header", { headers: { Authorization: "Bearer header" } }, "header"],
    ["the query", { query: "&token=query" }, "query"],
    ["the payload", { auth: { token: "payload" } }, "payload"],
    [
      "a header before the payload",
      { headers: { Authorization: "Bearer header" }, auth: { token: "payload" } },
      "header",
    ],
    ["the query before the payload", { query: "&token=query", auth: { token: "payload" } }, "query"],
    ["a header before the query", { headers: { Authorization: "Bearer header" }, query: "&token=query" }, "header"],
    ["the query before a cookie", { query: "&token=query", headers: { Cookie: COOKIE } }, "query"],
  ])("%s", async (_name, shown, token) => {
    expect(await check(shown)).toEqual({ answer: ALICE, looked: [[token, true]] });
    // And nothing else is tried where it fails.
    expect(await check(shown, ["AUTH_FAILED"])).toEqual({ answer: { code: "AUTH_FAILED" }, looked: [[token, true]] });
  });
});

describe("a cookie", () => {
  const headers = { Cookie: COOKIE, Origin: ORIGIN };

  test("opens by itself, and failing it counts as nothing", async () => {
    const { answer, looked } = await check({ headers });
    expect([answer, looked]).toEqual([ALICE, [["cookie.signature", false]]]);
  });

  test("that opens nothing leaves the word to the payload", async () => {
    const { answer, looked } = await check({ headers, auth: { token: "payload" } }, ["AUTH_FAILED"]);
    expect([answer, looked]).toEqual([
      ALICE,
      [
        ["cookie.signature", false],
        ["payload", true],
      ],
    ]);
  });

  test("that opens nothing is none, where there is nothing beside it", async () => {
    expect((await check({ headers }, ["AUTH_FAILED"])).answer).toEqual({ code: "AUTH_REQUIRED" });
  });

  test("is the last that is tried of who failed too often", async () => {
    const { answer, looked } = await check({ headers, auth: { token: "payload" } }, ["RATE_LIMITED"]);
    expect([answer, looked.length]).toEqual([{ code: "RATE_LIMITED" }, 1]);
  });

  test("of another origin is not looked at", async () => {
    const foreign = { Cookie: COOKIE, Origin: "https://evil.test" };
    expect(await check({ headers: foreign })).toEqual({ answer: { code: "AUTH_REQUIRED" }, looked: [] });
    expect((await check({ headers: foreign, auth: { token: "payload" } })).looked).toEqual([["payload", true]]);
  });
});

describe("the payload", () => {
  test.each<[JsonObject | undefined]>([[undefined], [{}], [{ token: null }], [{ token: "" }], [{ session: "x" }]])(
    "%j shows nothing",
    async (auth) => {
      expect(await check(auth === undefined ? {} : { auth })).toEqual({
        answer: { code: "AUTH_REQUIRED" },
        looked: [],
      });
    },
  );

  test.each<[JsonObject]>([
    [{ token: 7 }],
    [{ token: false }],
    [{ token: { token: "x" } }],
    [{ token: ["x"] }],
    [{ token: "x".repeat(8193) }],
  ])("%j is unreadable, which counts as a failure", async (auth) => {
    expect((await check({ auth })).looked).toEqual([["unreadable", true]]);
  });

  test("may be as long as a token may be", async () => {
    expect((await check({ auth: { token: "x".repeat(8192) } })).looked).toEqual([["x".repeat(8192), true]]);
  });
});

test("A credential that the query names twice is none of both", async () => {
  const { answer, looked } = await check({ query: "&token=a&token=b", auth: { token: "payload" } });
  expect([answer, looked]).toEqual([{ code: "BAD_REQUEST", detail: "The query names a credential twice" }, []]);
});
