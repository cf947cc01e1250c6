// Where Socket.IO clients connect, in whose words they are refused, and which stream they come to that name none.
import { encodeText } from "../../../auth/base64url.ts";
import type { Principal } from "../../../auth/principal.ts";
import type { VariableReader } from "../../../auth/variables.ts";
import type { Code } from "../../../protocol/codes.ts";
import { isJsonObject, parseJson } from "../../../protocol/json.ts";
import { isStreamId } from "../../../protocol/stream-id.ts";

/**
 * How a CONNECT is refused. `io-use`: as a server does that refuses in `io.use`, with CONNECT_ERROR. `nestjs`: as one that
 * refuses in a guard, after it connected: an `error` event, then DISCONNECT.
 */
export type RefusalStyle = "io-use" | "nestjs";

export interface SocketIoPath {
  /** Without a trailing slash. */
  readonly path: string;
  readonly refusal: RefusalStyle;
  readonly texts: RefusalTexts;
}

/** What a refused client reads, as its application expects it. */
export interface RefusalTexts {
  /** There was no credential. */
  readonly missing: string;
  /** It is not valid, or not any more. */
  readonly invalid: string;
  /** It is, and does not open this. */
  readonly forbidden: string;
}

export interface SocketIoConfig {
  readonly paths: readonly SocketIoPath[];
  /** A stream id in which `{userId}` stands for the user; undefined where clients name their stream. */
  readonly defaultStream: string | undefined;
}

const PATHS_NAME = "SOCKET_IO_PATHS";
const DEFAULT_STREAM_NAME = "SOCKET_IO_DEFAULT_STREAM";

const TEXT = "unauthorized";
const TEXTS: RefusalTexts = { missing: TEXT, invalid: TEXT, forbidden: TEXT };
const DEFAULT_PATHS: readonly SocketIoPath[] = ["/socket.io", "/runs"].map(defaultPathOf);

/** No segment of dots alone: those are resolved before anybody comes to a path. */
const PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)+\/?$/;
/** Endpoints of the gateway's own, which come first: nobody would ever come to a path below these. */
const TAKEN = /^\/(?:streams|ws|tickets|admin|explain|health|ready|\.well-known)(?:\/|$)/;
const TEXT_MAX_CHARS = 200;
const USER_ID = "{userId}";

/** A path of which nothing but itself was said. */
export function defaultPathOf(path: string): SocketIoPath {
  return { path, refusal: "io-use", texts: TEXTS };
}

/** @param authPath where the auth server is reached through the gateway; undefined where none is bound */
export function readSocketIoConfig(variables: VariableReader, authPath: string | undefined): SocketIoConfig {
  return { paths: readPaths(variables, authPath), defaultStream: readDefaultStream(variables) };
}

/** The entry for a path as a client writes it: with or without a slash at its end. */
export function socketIoPathOf({ paths }: SocketIoConfig, pathname: string): SocketIoPath | undefined {
  return paths.find(({ path }) => pathname === path || pathname === `${path}/`);
}

/** The stream of a client that named none; undefined where it is to name one, as programs are, which own no stream. */
export function defaultStreamOf({ defaultStream }: SocketIoConfig, principal: Principal): string | undefined {
  if (defaultStream === undefined || principal.kind !== "user") return undefined;
  return defaultStream.replaceAll(USER_ID, toStreamIdPart(principal.userId));
}

/** A user id may hold anything; in a stream id few characters stand for themselves. */
function toStreamIdPart(userId: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(userId)) return userId;
  return encodeText(userId);
}

function readDefaultStream(variables: VariableReader): string | undefined {
  const template = variables.text(DEFAULT_STREAM_NAME);
  if (template === undefined) return undefined;
  if (template.includes(USER_ID) && isStreamId(template.replaceAll(USER_ID, "x"))) return template;
  variables.report(DEFAULT_STREAM_NAME, `must be a stream id with ${USER_ID} in it, so that each user has his own`);
  return undefined;
}

function readPaths(variables: VariableReader, authPath: string | undefined): readonly SocketIoPath[] {
  const text = variables.text(PATHS_NAME);
  if (text === undefined) return DEFAULT_PATHS;
  const entries = parseJson(text)?.value;
  if (!Array.isArray(entries)) {
    variables.report(PATHS_NAME, "must be a JSON list of {path, refusal, texts}");
    return DEFAULT_PATHS;
  }
  const paths = entries.flatMap((entry: unknown) => {
    const read = readPath(entry);
    if (typeof read !== "string") return [read];
    variables.report(PATHS_NAME, read);
    return [];
  });
  if (new Set(paths.map(({ path }) => path)).size < paths.length) variables.report(PATHS_NAME, "names a path twice");
  // A door of Socket.IO answers first, and the auth server would not be reached there.
  if (authPath !== undefined && paths.some(({ path }) => `${path}/`.startsWith(`${authPath}/`))) {
    variables.report(PATHS_NAME, "has an entry whose path is the auth server's (AUTH_PATH)");
  }
  return paths;
}

/** What is wrong with it, where something is. */
function readPath(entry: unknown): SocketIoPath | string {
  if (!isJsonObject(entry)) return "must be a JSON list of {path, refusal, texts}";
  const { path, refusal = "io-use", texts = {}, ...others } = entry;
  if (Object.keys(others).length > 0) return "has an entry with other names than path, refusal, texts";
  if (typeof path !== "string" || !PATH.test(path)) return "has an entry whose path is none, such as /socket.io";
  if (TAKEN.test(path)) return "has an entry whose path is the gateway's own";
  if (refusal !== "io-use" && refusal !== "nestjs") return "has an entry whose refusal is neither io-use nor nestjs";
  const isTexts =
    isJsonObject(texts) && Object.entries(texts).every(([name, text]) => Object.hasOwn(TEXTS, name) && isText(text));
  if (!isTexts) return "has an entry whose texts are not {missing, invalid, forbidden}";
  return { path: path.replace(/\/$/, ""), refusal, texts: { ...TEXTS, ...texts } };
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "" && value.length <= TEXT_MAX_CHARS;
}

const TEXT_NAMES: Partial<Record<Code, keyof RefusalTexts>> = {
  AUTH_REQUIRED: "missing",
  AUTH_FAILED: "invalid",
  SESSION_REVOKED: "invalid",
  UNAUTHORIZED: "forbidden",
  ORIGIN_NOT_ALLOWED: "forbidden",
};

/** Which of the texts a client is refused with; undefined where the code's own sentence says it better. */
export function refusalTextOf(code: Code, texts: RefusalTexts): string | undefined {
  const name = TEXT_NAMES[code];
  return name && texts[name];
}
