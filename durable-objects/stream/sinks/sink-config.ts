// The variables FRAME_SINKS and ALERT_SINKS: which bound Workers get which frames, and which get alerts.
import type { VariableReader } from "../../../auth/variables.ts";
import { isJsonObject, parseJson } from "../../../protocol/json.ts";
import { isPayloadType } from "../../../protocol/message-type.ts";
import { anyPatternMatches } from "../../../protocol/stream-pattern.ts";

export interface FrameSinkConfig {
  /** Name of the service binding; its alerts are published as `svc:<binding>`. */
  readonly binding: string;
  readonly types: readonly string[];
  /** Stream ids, exact or with a trailing `*`. */
  readonly streams: readonly string[];
}

const DEFAULT_TYPES = ["video-frame"];
const DEFAULT_STREAMS = ["*"];
const NAME = "FRAME_SINKS";

/** A comma list of bindings, or JSON `[{binding, types?, streams?}]`. */
export function readFrameSinks(variables: VariableReader): readonly FrameSinkConfig[] {
  const text = variables.text(NAME);
  if (text === undefined) return [];
  const entries = text.trimStart().startsWith("[")
    ? parseJson(text)?.value
    : variables.list(NAME)?.map((binding) => ({ binding }));
  if (!Array.isArray(entries)) {
    variables.report(NAME, "must be a comma list of bindings or a JSON list");
    return [];
  }
  return entries.flatMap((entry: unknown, index) => {
    const sink = toSink(entry);
    if (sink === undefined) {
      variables.report(NAME, "holds an entry that is not {binding, types?, streams?}");
      return [];
    }
    if (typeof variables.binding(sink.binding) !== "object") {
      // By its number: what stands in the wrong variable may be a key, and this is read by anyone.
      variables.report(NAME, `names a Worker, in entry ${index + 1}, that is not bound`);
      return [];
    }
    return [sink];
  });
}

/** The variable ALERT_SINKS: a comma list of bindings, each of which gets every alert. */
export function readAlertSinks(variables: VariableReader): readonly string[] {
  const bindings = [...new Set(variables.list("ALERT_SINKS") ?? [])];
  const unbound = bindings.findIndex((binding) => typeof variables.binding(binding) !== "object");
  if (unbound < 0) return bindings;
  variables.report("ALERT_SINKS", `names a Worker, in entry ${unbound + 1}, that is not bound`);
  return [];
}

export function wantsFrame(sink: FrameSinkConfig, type: string, streamId: string): boolean {
  return sink.types.includes(type) && anyPatternMatches(sink.streams, streamId);
}

function toSink(entry: unknown): FrameSinkConfig | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { binding, types = DEFAULT_TYPES, streams = DEFAULT_STREAMS } = entry;
  if (typeof binding !== "string" || !/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(binding)) return undefined;
  if (!isList(types) || !types.every(isPayloadType) || !isList(streams)) return undefined;
  return { binding, types, streams };
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
}
