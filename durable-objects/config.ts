// The variables that decide what happens in a stream and to a user: sizes, rates, lanes, rights, sinks.
import { readMaxTokenLifetimeS } from "../auth/config.ts";
import { STREAM_POLICIES, type StreamPolicy } from "../auth/policy.ts";
import type { VariableReader } from "../auth/variables.ts";
import type { Dataset } from "../connection/audit-sinks.ts";
import type { OutboxBounds } from "../connection/outbox.ts";
import type { RateBounds } from "../connection/token-bucket.ts";
import { DEFAULT_DURABLE_TYPES, DEFAULT_LATEST_TYPES, type Lanes } from "../protocol/lanes.ts";
import { isPayloadType } from "../protocol/message-type.ts";
import type { Retention } from "./stream/alerts/alert-log.ts";
import { type FrameSinkConfig, readAlertSinks, readFrameSinks } from "./stream/sinks/sink-config.ts";

export interface StreamConfig {
  readonly maxMessageBytes: number;
  readonly rate: RateBounds;
  readonly outbox: OutboxBounds;
  readonly maxMembers: number;
  readonly lanes: Lanes;
  readonly replayMax: number;
  /** How long a message may wait for others, towards a consumer that takes batches. */
  readonly batchDelayMs: number;
  readonly retention: Retention;
  readonly policy: StreamPolicy;
  /** How long a stream outlives its last use where nothing depends on it, in milliseconds. */
  readonly claimTtlMs: number;
  /** Silence after which a member that used to send keepalives is gone, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** How long a socket outlives its session, in milliseconds. */
  readonly authGraceMs: number;
  /** How long before its end a session is told of it, in milliseconds; 0 where it is not. */
  readonly authExpiringNoticeMs: number;
  readonly frameSinks: readonly FrameSinkConfig[];
  readonly frameSinkTimeoutMs: number;
  /** Names of bindings. */
  readonly alertSinks: readonly string[];
}

const DAY_MS = 86_400_000;
const KIB = 1024;
const MIB = 1024 * KIB;
/** The runtime's own limit of a message (`33,554,432`), and of the value of an RPC call. */
const PLATFORM_MESSAGE_BYTES = 32 * MIB;

/** Reads a stream's configuration; what cannot be used is reported and stands for its default. */
export function readStreamConfig(variables: VariableReader): StreamConfig {
  return {
    maxMessageBytes: variables.integer("MAX_MESSAGE_BYTES", MIB, KIB, PLATFORM_MESSAGE_BYTES - MIB),
    rate: {
      maxMessagesPerS: variables.integer("MAX_MESSAGES_PER_S", 120, 1, 100_000),
      maxBytesPerS: variables.integer("MAX_BYTES_PER_S", 8 * MIB, KIB, 1024 * MIB),
    },
    outbox: {
      consumerBufferBytes: variables.integer("CONSUMER_BUFFER_BYTES", MIB, KIB, 64 * MIB),
      objectBufferBytes: variables.integer("OBJECT_BUFFER_BYTES", 32 * MIB, KIB, 96 * MIB),
      stallMs: variables.integer("CONSUMER_STALL_S", 30, 1, 3600) * 1000,
    },
    maxMembers: variables.integer("MAX_MEMBERS_PER_STREAM", 2000, 1, 32_000),
    lanes: readLanes(variables),
    retention: {
      maxAgeMs: variables.integer("ALERT_RETENTION_DAYS", 30, 1, 3650) * DAY_MS,
      maxEntries: variables.integer("ALERT_RETENTION_COUNT", 100_000, 1, 10_000_000),
    },
    policy: readPolicy(variables),
    claimTtlMs: variables.integer("CLAIM_TTL_DAYS", 30, 1, 3650) * DAY_MS,
    batchDelayMs: variables.integer("BATCH_DELAY_MS", 5, 1, 50),
    replayMax: variables.integer("REPLAY_MAX", 1000, 0, 100_000),
    idleTimeoutMs: variables.integer("IDLE_TIMEOUT_S", 120, 1, 86_400) * 1000,
    authGraceMs: variables.integer("AUTH_GRACE_S", 30, 0, 3600) * 1000,
    authExpiringNoticeMs: variables.integer("AUTH_EXPIRING_NOTICE_S", 60, 0, 3600) * 1000,
    frameSinks: readFrameSinks(variables),
    frameSinkTimeoutMs: variables.integer("FRAME_SINK_TIMEOUT_MS", 5000, 1, 60_000),
    alertSinks: readAlertSinks(variables),
  };
}

function readPolicy(variables: VariableReader): StreamPolicy {
  const policy = variables.oneOf("STREAM_POLICY", STREAM_POLICIES, "claim");
  if (policy === "delegate" && typeof variables.binding("AUTHORIZER") !== "object") {
    variables.report("AUTHORIZER", "is no bound Worker, and STREAM_POLICY=delegate asks it");
  }
  return policy;
}

/** How many streams one user may own. */
export function readMaxStreamsPerUser(variables: VariableReader): number {
  return variables.integer("MAX_STREAMS_PER_USER", 1000, 1, 10_000);
}

/** Where events go beside the log; undefined where nothing is bound. */
export function readEvents(variables: VariableReader): Dataset | undefined {
  const binding = variables.binding("EVENTS");
  if (isDataset(binding)) return binding;
  if (binding !== undefined) variables.report("EVENTS", "must be a binding of [[analytics_engine_datasets]]");
  return undefined;
}

function isDataset(binding: unknown): binding is Dataset {
  return typeof binding === "object" && binding !== null && "writeDataPoint" in binding;
}

/** How many connections one user may have at once. */
export function readMaxConnectionsPerUser(variables: VariableReader): number {
  return variables.integer("MAX_CONNECTIONS_PER_USER", 64, 1, 10_000);
}

/** Of a ticket, which carries the time at which its subject was vouched for; the answers of caches on top. */
const HOUR_S = 3600;
const CACHES_S = 360;

/** How long a credential may be around that the auth server vouched for, in milliseconds. */
export function readCredentialLifeMs(variables: VariableReader): number {
  return (Math.max(readMaxTokenLifetimeS(variables), HOUR_S) + CACHES_S) * 1000;
}

const JURISDICTIONS = ["eu", "fedramp"] as const;

/** Where objects must stay; undefined where they may live anywhere. */
export function readJurisdiction(variables: VariableReader): (typeof JURISDICTIONS)[number] | undefined {
  const name = variables.text("STREAM_JURISDICTION");
  const known = JURISDICTIONS.find((jurisdiction) => jurisdiction === name);
  if (name !== known) variables.report("STREAM_JURISDICTION", `must be one of ${JURISDICTIONS.join(", ")}`);
  return known;
}

function readLanes(variables: VariableReader): Lanes {
  const latest = readTypes(variables, "LATEST_TYPES", DEFAULT_LATEST_TYPES);
  const durable = readTypes(variables, "DURABLE_TYPES", DEFAULT_DURABLE_TYPES);
  if (!latest.isDisjointFrom(durable)) variables.report("DURABLE_TYPES", "names a type that LATEST_TYPES names too");
  return { latest, durable };
}

function readTypes(variables: VariableReader, name: string, defaults: readonly string[]): ReadonlySet<string> {
  const types = variables.list(name) ?? defaults;
  if (types.every(isPayloadType)) return new Set(types);
  variables.report(name, "must be a comma list of payload types");
  return new Set(defaults);
}
