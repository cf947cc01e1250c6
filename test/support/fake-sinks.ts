// Bound Workers that answer when a test says so, and a clock for their time limit that rings when a test says so.
import { setImmediate } from "node:timers/promises";
import { vi } from "vitest";
import {
  type FrameMeta,
  FrameSinks,
  type SinkFrame,
  type SinkPorts,
  type SinkTrouble,
} from "../../durable-objects/stream/sinks/frame-sinks.ts";
import type { FrameSinkConfig } from "../../durable-objects/stream/sinks/sink-config.ts";

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
  nowMs = 0;
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

export const TIMEOUT_MS = 250;
export const MODEL = { binding: "MODEL", types: ["video-frame"], streams: ["*"] };
export const ALERT = { severity: "high", message: "smoke" };

/** Sinks beside which it is written down what they publish and what trouble they are in. */
export function startSinks(...configs: FrameSinkConfig[]) {
  const fake = new FakeSinks();
  const published: [string, unknown][] = [];
  const troubles: [string, SinkTrouble][] = [];
  const failed = vi.fn<() => void>();
  const sinks = new FrameSinks(configs.length > 0 ? configs : [MODEL], TIMEOUT_MS, {
    call: fake.call,
    delay: fake.delay,
    now: () => fake.nowMs,
    publish: (binding, alert) => {
      published.push([binding, alert]);
      return alert !== "no alert";
    },
    failed,
    trouble: (binding, trouble) => troubles.push([binding, trouble]),
  });
  return { fake, sinks, published, troubles, failed };
}

/** A frame of one byte, its number. */
export function frame(seq: number, more: Partial<SinkFrame> = {}): SinkFrame {
  const meta = { streamId: "cam-1", seq, timestamp: 1, contentType: "image/jpeg", ownerId: "anna", epoch: "e1" };
  return { type: "video-frame", meta, bytes: () => Uint8Array.of(seq).buffer, ...more };
}
