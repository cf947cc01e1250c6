// Bound Workers that answer when a test says so, and a clock for their time limit that rings when a test says so.
import { setImmediate } from "node:timers/promises";
import type { FrameMeta, SinkPorts } from "../../durable-objects/stream/frame-sinks.ts";

export interface SinkCall {
  readonly binding: string;
  readonly meta: FrameMeta;
  readonly bytes: readonly number[];
  readonly answer: (value: unknown) => Promise<void>;
  readonly fail: () => Promise<void>;
}

export interface SinkTimer {
  readonly ms: number;
  readonly signal: AbortSignal;
  readonly ring: () => Promise<void>;
}

export class FakeSinks implements Pick<SinkPorts, "call" | "delay"> {
  readonly calls: SinkCall[] = [];
  readonly timers: SinkTimer[] = [];

  readonly call = (binding: string, meta: FrameMeta, bytes: ArrayBuffer): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.calls.push({
      binding,
      meta,
      bytes: [...new Uint8Array(bytes)],
      answer: (value) => {
        resolve(value);
        return microtasksDone();
      },
      fail: () => {
        reject(new Error("the sink threw"));
        return microtasksDone();
      },
    });
    return promise;
  };

  readonly delay = (ms: number, signal: AbortSignal): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.timers.push({
      ms,
      signal,
      ring: () => {
        resolve();
        return microtasksDone();
      },
    });
    return promise;
  };

  /** The call with this number, counted from 0. */
  callAt(index: number): SinkCall {
    const call = this.calls[index];
    if (call === undefined) throw new Error(`there were ${this.calls.length} calls`);
    return call;
  }

  timerAt(index: number): SinkTimer {
    const timer = this.timers[index];
    if (timer === undefined) throw new Error(`there were ${this.timers.length} timers`);
    return timer;
  }
}

/** Resolves in a later task, hence after every promise that was settled before and all that follows from it. */
export function microtasksDone(): Promise<void> {
  return setImmediate();
}
