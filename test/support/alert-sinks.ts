// A stream whose alerts go to sinks that answer when a test says so.
import { setImmediate } from "node:timers/promises";
import { FakeStream, type Seat } from "./fake-stream.ts";

export const SINKS = { ALERT_SINKS: "PUSH, HOOK", PUSH: {}, HOOK: {} };

export interface AlertCall {
  readonly binding: string;
  readonly alert: Record<string, unknown>;
  readonly answer: () => Promise<void>;
  readonly fail: () => Promise<void>;
}

/** Of two sinks, where a test says nothing else. */
export function startAlertSinks(variables: Record<string, unknown> = SINKS) {
  const fake = new FakeStream(variables);
  const calls: AlertCall[] = [];
  fake.callAlertSink = (binding, alert) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const answer = (): Promise<void> => {
      resolve();
      return setImmediate();
    };
    const fail = (): Promise<void> => {
      reject(new Error("no"));
      return setImmediate();
    };
    calls.push({ binding, alert, answer, fail });
    return promise;
  };
  return { fake, calls, owner: fake.owner() };
}

export const raise = (owner: Seat, ...ids: string[]): void => {
  for (const id of ids) owner.send({ type: "alert", id, message: id });
};

export const seen = (calls: readonly AlertCall[], binding: string): readonly unknown[] =>
  calls.filter((call) => call.binding === binding).map(({ alert }) => alert["id"]);

/** The alarm rings at the time for which it was set. */
export async function ring(fake: FakeStream): Promise<void> {
  fake.nowMs = Math.max(fake.nowMs, fake.alarms.at(-1) ?? 0);
  fake.stream.sweep();
  await setImmediate();
}
