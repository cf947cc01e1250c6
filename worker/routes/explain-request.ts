// What an operator asks about: the body of `POST /explain`, read strictly.
import { type ApiKey, principalOf } from "../../auth/api-keys.ts";
import type { StreamPolicy } from "../../auth/policy.ts";
import { isPlainId, isUserId, type Operation, type Principal, type UserPrincipal } from "../../auth/principal.ts";
import { isJsonObject, isTextList, type JsonObject } from "../../protocol/json.ts";
import { DECLARED_TYPES_MAX } from "../../protocol/limits.ts";
import { ANY_TYPE, isPayloadType } from "../../protocol/message-type.ts";
import { isStreamId } from "../../protocol/stream-id.ts";
import { callerOf } from "../rpc/caller.ts";

/** About whom. */
export type Whom =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "principal"; readonly principal: Principal }
  /** Any user whom nobody named. */
  | { readonly kind: "anybody" };

export interface ExplainRequest {
  readonly kind: "request";
  readonly streamId: string;
  readonly operation: Operation;
  readonly types: readonly string[];
  readonly whom: Whom;
}

/** Why a body is no such question, in words for who wrote it. */
export interface ExplainRequestFault {
  readonly kind: "wrong";
  readonly code: "BAD_REQUEST" | "INVALID_STREAM_ID";
  readonly detail: string;
}

/** By what the deployment knows programs, and how it decides. */
export interface ExplainSetting {
  readonly keys: readonly ApiKey[];
  readonly policy: StreamPolicy;
}

const NAMES: ReadonlySet<string> = new Set(["streamId", "operation", "types", "token", "principal"]);
const PRINCIPAL_NAMES: ReadonlySet<string> = new Set(["kind", "userId", "sessionId"]);

/** Has an id that no user and no program can have. */
export const ANYBODY: UserPrincipal = { kind: "user", userId: "any:body", sessionId: "any:body" };

/** A name that nobody knows is refused: misspelt, the answer would be about somebody else. */
export function readExplainRequest(body: JsonObject, setting: ExplainSetting): ExplainRequest | ExplainRequestFault {
  const { streamId, operation, types = [] } = body;
  if (!hasOnly(body, NAMES)) return wrong("Only streamId, operation, types, token and principal are known");
  if (!isStreamId(streamId)) {
    return { kind: "wrong", code: "INVALID_STREAM_ID", detail: "`streamId` is not a stream id" };
  }
  if (operation !== "read" && operation !== "write") return wrong("`operation` is `read` or `write`");
  if (!isTypes(types)) return wrong(`\`types\` is a list of at most ${DECLARED_TYPES_MAX} payload types, or \`*\``);
  if (operation === "read" && types.length > 0) return wrong("`types` are for writing: who reads may read all");
  const whom = readWhom(body, setting);
  return whom.kind === "wrong" ? whom : { kind: "request", streamId, operation, types, whom };
}

function readWhom({ token, principal }: JsonObject, { keys, policy }: ExplainSetting): Whom | ExplainRequestFault {
  if (token !== undefined && principal !== undefined) return wrong("Either `token` or `principal`, or neither");
  if (token !== undefined) {
    return typeof token === "string" && token !== "" ? { kind: "token", token } : wrong("`token` is a text");
  }
  if (principal !== undefined) return readPrincipal(principal, keys);
  return policy === "delegate"
    ? wrong("The Worker that decides is asked about somebody: name a `token` or a `principal`")
    : { kind: "anybody" };
}

/** As the credential of such a one would make it. */
function readPrincipal(value: unknown, keys: readonly ApiKey[]): Whom | ExplainRequestFault {
  if (!isJsonObject(value) || !hasOnly(value, PRINCIPAL_NAMES))
    return wrong("`principal` is {kind, userId, sessionId?}");
  const { kind, userId, sessionId = userId } = value;
  switch (kind) {
    case "user":
      if (!isUserId(userId)) return wrong("`userId` is not the id of a user");
      // Named like its user where there is none, as of a token that knows no session.
      if (!isPlainId(sessionId)) return wrong("`sessionId` is not the id of a session");
      return { kind: "principal", principal: { kind, userId, sessionId } };
    case "service": {
      if (value["sessionId"] !== undefined) return wrong("A program has no session");
      const program = typeof userId === "string" ? programNamed(userId, keys) : undefined;
      return program === undefined
        ? wrong("`userId` is `key:` with the name of a configured key, or `svc:` with that of a binding")
        : { kind: "principal", principal: program };
    }
    default:
      return wrong("`kind` is `user` or `service`");
  }
}

/** What the props of a binding say stands in another Worker: they are taken to narrow nothing. */
function programNamed(userId: string, keys: readonly ApiKey[]): Principal | undefined {
  const [prefix, name] = [userId.slice(0, 4), userId.slice(4)];
  if (prefix === "svc:") {
    const caller = callerOf({ service: name }) ?? callerOf(undefined);
    return caller?.principal.userId === userId ? caller.principal : undefined;
  }
  const key = prefix === "key:" ? keys.find((one) => one.name === name) : undefined;
  return key === undefined ? undefined : principalOf(key);
}

function isTypes(value: unknown): value is readonly string[] {
  if (!isTextList(value) || value.length > DECLARED_TYPES_MAX) return false;
  return value.every((type) => type === ANY_TYPE || isPayloadType(type));
}

function hasOnly(value: JsonObject, names: ReadonlySet<string>): boolean {
  return Object.keys(value).every((name) => names.has(name));
}

function wrong(detail: string): ExplainRequestFault {
  return { kind: "wrong", code: "BAD_REQUEST", detail };
}
