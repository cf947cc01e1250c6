// The audit of a deployment, for the Worker and for objects: once for each `env`, so that a minute is counted once.
import { VariableReader } from "../auth/variables.ts";
import { makeDatasetSink, writeLine } from "../connection/audit-sinks.ts";
import { makeNote, type Note } from "../connection/audit.ts";
import { readEvents } from "./config.ts";
import type { ObjectEnv } from "./object-env.ts";

const notes = new WeakMap<ObjectEnv, Note>();

export function auditOf(env: ObjectEnv): Note {
  const known = notes.get(env);
  if (known !== undefined) return known;
  const dataset = readEvents(new VariableReader(env));
  const note = makeNote([writeLine, ...(dataset === undefined ? [] : [makeDatasetSink(dataset)])], () => Date.now());
  notes.set(env, note);
  return note;
}
