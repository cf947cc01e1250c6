// The variables of a stream: defaults, bounds, lanes, and that every problem is reported at once.
import { expect, test } from "vitest";
import { VariableReader, type Variables } from "../../auth/variables.ts";
import { readCredentialLifeMs, readMaxConnectionsPerUser, readStreamConfig } from "../../durable-objects/config.ts";

const MIB = 1024 * 1024;

function read(env: Variables) {
  const variables = new VariableReader(env);
  return { config: readStreamConfig(variables), problems: variables.problems };
}

test("Without variables each setting has its default", () => {
  expect(read({})).toEqual({
    config: {
      maxMessageBytes: MIB,
      rate: { maxMessagesPerS: 120, maxBytesPerS: 8 * MIB },
      outbox: { consumerBufferBytes: MIB, objectBufferBytes: 32 * MIB, stallMs: 30_000 },
      maxMembers: 2000,
      lanes: { latest: new Set(["video-frame", "audio-frame"]), durable: new Set(["alert"]) },
      replayMax: 1000,
      retention: { maxAgeMs: 30 * 86_400_000, maxEntries: 100_000 },
      policy: "claim",
      batchDelayMs: 5,
      idleTimeoutMs: 120_000,
      alertSinks: [],
      claimTtlMs: 30 * 86_400_000,
      authGraceMs: 30_000,
      authExpiringNoticeMs: 60_000,
      frameSinks: [],
      frameSinkTimeoutMs: 5000,
    },
    problems: [],
  });
});

test.each([
  ["MAX_MESSAGE_BYTES", "2048", { maxMessageBytes: 2048 }],
  ["MAX_MESSAGES_PER_S", 7, { rate: { maxMessagesPerS: 7, maxBytesPerS: 8 * MIB } }],
  ["MAX_BYTES_PER_S", "4096", { rate: { maxMessagesPerS: 120, maxBytesPerS: 4096 } }],
  ["CONSUMER_BUFFER_BYTES", 2048, { outbox: { consumerBufferBytes: 2048, objectBufferBytes: 32 * MIB } }],
  ["OBJECT_BUFFER_BYTES", "4096", { outbox: { consumerBufferBytes: MIB, objectBufferBytes: 4096 } }],
  ["CONSUMER_STALL_S", "5", { outbox: { consumerBufferBytes: MIB, objectBufferBytes: 32 * MIB, stallMs: 5000 } }],
  ["MAX_MEMBERS_PER_STREAM", 3, { maxMembers: 3 }],
  ["REPLAY_MAX", "0", { replayMax: 0 }],
  ["AUTH_GRACE_S", 5, { authGraceMs: 5000 }],
  ["AUTH_EXPIRING_NOTICE_S", "0", { authExpiringNoticeMs: 0 }],
  ["AUTH_EXPIRING_NOTICE_S", 3600, { authExpiringNoticeMs: 3_600_000 }],
  ["STREAM_POLICY", "prefix", { policy: "prefix" }],
  ["CLAIM_TTL_DAYS", "7", { claimTtlMs: 7 * 86_400_000 }],
  ["FRAME_SINK_TIMEOUT_MS", "250", { frameSinkTimeoutMs: 250 }],
  [
    "LATEST_TYPES",
    "depth-frame, pose",
    { lanes: { latest: new Set(["depth-frame", "pose"]), durable: new Set(["alert"]) } },
  ],
  [
    "DURABLE_TYPES",
    "order",
    { lanes: { latest: new Set(["video-frame", "audio-frame"]), durable: new Set(["order"]) } },
  ],
  ["FRAME_SINKS", "MODEL", { frameSinks: [{ binding: "MODEL", types: ["video-frame"], streams: ["*"] }] }],
])("%s as %s is used", (name, value, expected) => {
  const { config, problems } = read({ [name]: value, MODEL: {} });
  expect(config).toMatchObject(expected);
  expect(problems).toEqual([]);
});

test.each([
  ["MAX_MESSAGE_BYTES", 1023],
  ["MAX_MESSAGE_BYTES", 31 * MIB + 1],
  ["MAX_MESSAGES_PER_S", 0],
  ["MAX_BYTES_PER_S", "8 MiB"],
  ["CONSUMER_BUFFER_BYTES", 1.5],
  ["OBJECT_BUFFER_BYTES", 97 * MIB],
  ["MAX_MEMBERS_PER_STREAM", 32_001],
  ["REPLAY_MAX", -1],
  ["AUTH_GRACE_S", 3601],
  ["FRAME_SINK_TIMEOUT_MS", 0],
  ["LATEST_TYPES", "video-frame,register"],
  ["DURABLE_TYPES", "alert,9lives"],
  ["FRAME_SINKS", "NOT_BOUND"],
])("%s as %s is reported and the default stands", (name, value) => {
  const { config, problems } = read({ [name]: value });
  expect(problems.map(({ variable }) => variable)).toEqual([name]);
  expect(config).toEqual(read({}).config);
});

test("The largest message stays a mebibyte below what the platform can carry", () => {
  const { config, problems } = read({ MAX_MESSAGE_BYTES: 31 * MIB });
  expect(problems).toEqual([]);
  expect(config.maxMessageBytes).toBe(31 * MIB);
});

test("A type that is named for two lanes is reported", () => {
  const { problems } = read({ LATEST_TYPES: "alert" });
  expect(problems).toEqual([{ variable: "DURABLE_TYPES", message: "names a type that LATEST_TYPES names too" }]);
});

test("A policy that asks a Worker needs one that is bound", () => {
  const bound = read({ STREAM_POLICY: "delegate", AUTHORIZER: {} });
  expect([bound.config.policy, bound.problems]).toEqual(["delegate", []]);
  for (const AUTHORIZER of [undefined, "authorizer"]) {
    expect(read({ STREAM_POLICY: "delegate", AUTHORIZER }).problems).toEqual([
      { variable: "AUTHORIZER", message: "is no bound Worker, and STREAM_POLICY=delegate asks it" },
    ]);
  }
});

test("Every problem is reported at once", () => {
  const { problems } = read({ MAX_MESSAGE_BYTES: 1, REPLAY_MAX: "x", LATEST_TYPES: "!", FRAME_SINKS: "[" });
  expect(problems.map(({ variable }) => variable).toSorted()).toEqual([
    "FRAME_SINKS",
    "LATEST_TYPES",
    "MAX_MESSAGE_BYTES",
    "REPLAY_MAX",
  ]);
});

test("A problem never repeats the value, which may be a secret in the wrong place", () => {
  const secret = "s3cret-value";
  const { problems } = read({ MAX_MESSAGE_BYTES: secret, LATEST_TYPES: `${secret}!`, FRAME_SINKS: "[oops" });
  expect(problems).toHaveLength(3);
  expect(JSON.stringify(problems)).not.toContain(secret);
});

test("A user may have sixty-four connections unless configured otherwise", () => {
  expect(readMaxConnectionsPerUser(new VariableReader({}))).toBe(64);
});

// A ticket lives an hour at most, and whoever asked just before a revocation may go on for a few minutes.
test.each([
  [undefined, 604_800 + 360],
  [300, 3600 + 360],
  [3601, 3601 + 360],
])("With MAX_TOKEN_LIFETIME_S %s a credential may be around for %i seconds", (lifetime, seconds) => {
  expect(readCredentialLifeMs(new VariableReader({ MAX_TOKEN_LIFETIME_S: lifetime }))).toBe(seconds * 1000);
});
