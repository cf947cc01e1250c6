// The whole configuration: its defaults, its bounds, and that every problem of every room is reported at once.
import { describe, expect, test } from "vitest";
import type { Variables } from "../../auth/variables.ts";
import { readConfig } from "../../worker/config.ts";
import { TEST_SECRET } from "../support/session-token.ts";

const MIB = 1_048_576;

function read(variables: Variables) {
  const { config, problems } = readConfig({ BETTER_AUTH_SECRET: TEST_SECRET, ...variables });
  return { ...config, problems, wrong: problems.map(({ variable }) => variable) };
}

test("a secret is all that must be set", () => {
  expect(read({})).toMatchObject({
    edge: { authTimeoutMs: 10_000, registerTimeoutMs: 10_000, edgeBufferBytes: 32 * MIB, proxyBufferBytes: MIB },
    auth: { authServer: { path: "/api/auth", url: undefined } },
    problems: [],
  });
});

test("without a secret nothing else helps", () => {
  expect(readConfig({}).problems).toEqual([{ variable: "BETTER_AUTH_SECRET", message: "is not set" }]);
});

describe("a number is taken within its bounds", () => {
  test.each([
    ["AUTH_TIMEOUT_S", 1, { authTimeoutMs: 1000 }],
    ["AUTH_TIMEOUT_S", "300", { authTimeoutMs: 300_000 }],
    ["REGISTER_TIMEOUT_S", 300, { registerTimeoutMs: 300_000 }],
    ["EDGE_BUFFER_BYTES", MIB, { edgeBufferBytes: MIB }],
    ["EDGE_BUFFER_BYTES", 96 * MIB, { edgeBufferBytes: 96 * MIB }],
    ["PROXY_BUFFER_BYTES", 1024, { proxyBufferBytes: 1024 }],
    ["PROXY_BUFFER_BYTES", 64 * MIB, { proxyBufferBytes: 64 * MIB }],
  ])("%s as %j", (name, value, edge) => {
    expect(read({ [name]: value })).toMatchObject({ edge, problems: [] });
  });

  test.each([
    ["AUTH_TIMEOUT_S", 0],
    ["AUTH_TIMEOUT_S", 301],
    ["REGISTER_TIMEOUT_S", "soon"],
    ["IDLE_TIMEOUT_S", 86_401],
    ["EDGE_BUFFER_BYTES", MIB - 1],
    ["EDGE_BUFFER_BYTES", 96 * MIB + 1],
    ["PROXY_BUFFER_BYTES", 1023],
    ["PROXY_BUFFER_BYTES", 64 * MIB + 1],
  ])("and %s as %j is reported", (name, value) => {
    expect(read({ [name]: value }).wrong).toEqual([name]);
  });
});

describe("CONFIRM_HS256", () => {
  test("is reported where there is no auth server to ask", () => {
    const message = "needs an auth server to ask: the binding AUTH, or BETTER_AUTH_URL";
    expect(read({ CONFIRM_HS256: "true" }).problems).toEqual([{ variable: "CONFIRM_HS256", message }]);
  });

  test.each([{ BETTER_AUTH_URL: "https://auth.example" }, { AUTH: {} }])("is good with %j", (authServer) => {
    expect(read({ CONFIRM_HS256: "true", ...authServer })).toMatchObject({
      auth: { confirmsHs256: true },
      problems: [],
    });
  });
});

describe.each(["CONNECT_LIMIT", "FAILURE_LIMIT"])("the limit %s", (name) => {
  test("is a binding, or none at all", () => {
    const binding = { limit: () => Promise.resolve({ success: true }) };
    expect([read({ [name]: binding }).wrong, read({}).wrong]).toEqual([[], []]);
  });

  test.each([60, "60", null, {}])("is not %j, which would limit nothing", (value) => {
    expect(read({ [name]: value }).wrong).toEqual([name]);
  });
});

describe("the dataset EVENTS", () => {
  test("is a binding, or none at all", () => {
    expect([read({ EVENTS: { writeDataPoint: () => undefined } }).wrong, read({}).wrong]).toEqual([[], []]);
  });

  test.each(["sluice_events", null, {}])("is not %j, into which nothing can be written", (value) => {
    expect(read({ EVENTS: value }).wrong).toEqual(["EVENTS"]);
  });
});

describe("what the objects read for themselves", () => {
  test.each([
    ["MAX_STREAMS_PER_USER", "1"],
    ["MAX_STREAMS_PER_USER", 10_000],
    ["MAX_CONNECTIONS_PER_USER", "1"],
    ["MAX_CONNECTIONS_PER_USER", 10_000],
    ["REVOCATION_CACHE_S", 0],
    ["REVOCATION_CACHE_S", "300"],
    ["STREAM_JURISDICTION", "eu"],
    ["STREAM_JURISDICTION", "fedramp"],
    ["STREAM_JURISDICTION", ""],
    ["STREAM_POLICY", "open"],
    ["CLAIM_TTL_DAYS", "3650"],
    ["ADMIN_KEY", "the-operators-own-key-0123456789"],
  ])("may be %s as %j", (name, value) => {
    expect(read({ [name]: value }).wrong).toEqual([]);
  });

  test.each([
    ["MAX_STREAMS_PER_USER", 0],
    ["MAX_STREAMS_PER_USER", 10_001],
    ["MAX_CONNECTIONS_PER_USER", 0],
    ["MAX_CONNECTIONS_PER_USER", 10_001],
    ["REVOCATION_CACHE_S", -1],
    ["REVOCATION_CACHE_S", 301],
    ["STREAM_JURISDICTION", "EU"],
    ["STREAM_JURISDICTION", "mars"],
    ["STREAM_POLICY", "everybody"],
    ["CLAIM_TTL_DAYS", "0"],
    ["CLAIM_TTL_DAYS", 3651],
    ["ADMIN_KEY", "x".repeat(23)],
  ])("is reported by the Worker as %s as %j, or nobody would learn of it", (name, value) => {
    expect(read({ [name]: value }).wrong).toEqual([name]);
  });
});

test("the problems of all rooms are reported at once", () => {
  const variables = {
    BETTER_AUTH_SECRET: "short",
    QUERY_CREDENTIALS: "some",
    API_KEYS: "short",
    MAX_MESSAGE_BYTES: "a lot",
    LATEST_TYPES: "register",
    AUTH_TIMEOUT_S: 0,
    EDGE_BUFFER_BYTES: 1,
    AUTH_PATH: "auth",
    BETTER_AUTH_URL: "auth.test",
  };
  expect(read(variables).wrong.toSorted()).toEqual(Object.keys(variables).toSorted());
});

test("no value is repeated in a report, as it may be a secret in the wrong place", () => {
  const secret = "5ecret value";
  const names = ["BETTER_AUTH_URL", "AUTH_PATH", "AUTH_TIMEOUT_S", "EDGE_BUFFER_BYTES", "BETTER_AUTH_SECRET"];
  const { problems, wrong } = read(Object.fromEntries(names.map((name) => [name, secret])));
  expect([wrong.length, JSON.stringify(problems).includes("5ecret")]).toEqual([names.length, false]);
});
