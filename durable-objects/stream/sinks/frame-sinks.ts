// The models that watch a stream: one call in flight for each, the newest frame waits, a time limit.
import { SINK_ALERTS_MAX } from "../../../protocol/limits.ts";
import { type FrameSinkConfig, wantsFrame } from "./sink-config.ts";

/** First argument of `FrameSink.onFrame`. */
export interface FrameMeta {
  readonly streamId: string;
  readonly seq: number;
  /** The producer's own time of the frame, in milliseconds since 1970; the gateway's where it sent none. */
  readonly timestamp: number;
  readonly contentType: string;
  readonly ownerId: string;
  readonly epoch: string;
}

/** A frame that a sink may get. Its bytes are copied or decoded only when a call starts: most frames only wait. */
export interface SinkFrame {
  readonly type: string;
  readonly meta: FrameMeta;
  /** Undefined where the data cannot be decoded. */
  readonly bytes: () => ArrayBuffer | undefined;
}

/** Why a sink is in trouble, as every member may read it. */
export type SinkTrouble = "failed" | "timeout" | "invalid-alert";

export interface SinkPorts {
  /** Calls the bound Worker. Rejects where it throws or cannot be reached. */
  readonly call: (binding: string, meta: FrameMeta, bytes: ArrayBuffer) => Promise<unknown>;
  /** Settles after so many milliseconds, or never once the signal aborts. */
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Publishes an alert of this sink about a frame of this epoch; false where it is not one. */
  readonly publish: (binding: string, alert: unknown, epoch: string) => boolean;
  /** Told of each call that did not end well. */
  readonly failed: () => void;
  /** Told once when a sink gets into trouble, and not again before it has answered well. */
  readonly trouble: (binding: string, trouble: SinkTrouble) => void;
}

type Outcome = SinkTrouble | "well" | "not-called";

type Flight = { readonly kind: "idle" } | { readonly kind: "calling"; waiting: SinkFrame | undefined };

interface Sink {
  readonly config: FrameSinkConfig;
  flight: Flight;
  /** How many of its calls in a row did not end well. */
  failures: number;
  /** It is not called before; milliseconds since 1970. */
  restsUntilMs: number;
}

/** A model that fails each time is left alone for longer and longer, and then tried with one frame. */
const FAILURES_BEFORE_REST = 5;
const REST_FIRST_MS = 1000;
const REST_MAX_MS = 60_000;
const TIMED_OUT = Symbol("timed out");

export class FrameSinks {
  readonly #sinks: readonly Sink[];
  readonly #timeoutMs: number;
  readonly #ports: SinkPorts;

  constructor(configs: readonly FrameSinkConfig[], timeoutMs: number, ports: SinkPorts) {
    this.#sinks = configs.map((config) => ({ config, flight: { kind: "idle" }, failures: 0, restsUntilMs: 0 }));
    this.#timeoutMs = timeoutMs;
    this.#ports = ports;
  }

  /** Whether any sink wants frames of this type and stream. */
  want(type: string, streamId: string): boolean {
    return this.#sinks.some(({ config }) => wantsFrame(config, type, streamId));
  }

  /** Gives a frame to each sink that wants it. A sink that is busy keeps only the newest. */
  offer(frame: SinkFrame): void {
    for (const sink of this.#sinks) {
      if (!wantsFrame(sink.config, frame.type, frame.meta.streamId)) continue;
      if (sink.flight.kind === "calling") sink.flight.waiting = frame;
      else if (!this.#rests(sink)) void this.#fly(sink, frame);
    }
  }

  /** The stream was deleted: what waits is nobody's business any more. */
  forgetWaiting(): void {
    for (const { flight } of this.#sinks) {
      if (flight.kind === "calling") flight.waiting = undefined;
    }
  }

  /** Calls until no newer frame waits. Never rejects. */
  async #fly(sink: Sink, first: SinkFrame): Promise<void> {
    let frame: SinkFrame | undefined = first;
    while (frame !== undefined) {
      const flight: Flight = { kind: "calling", waiting: undefined };
      sink.flight = flight;
      // oxlint-disable-next-line no-await-in-loop -- one call in flight is the point
      const outcome = await this.#callOnce(sink.config.binding, frame);
      // Before the word goes out: should telling the members meet a bug, the sink is called again all the same.
      sink.flight = { kind: "idle" };
      this.#noteOutcome(sink, outcome);
      frame = this.#rests(sink) ? undefined : flight.waiting;
    }
  }

  /** Never for longer than it may: a clock that stepped back would make it more. */
  #rests({ restsUntilMs }: Sink): boolean {
    const leftMs = restsUntilMs - this.#ports.now();
    return leftMs > 0 && leftMs <= REST_MAX_MS;
  }

  #noteOutcome(sink: Sink, outcome: Outcome): void {
    if (outcome === "not-called") return;
    if (outcome === "well") {
      sink.failures = 0;
      return;
    }
    sink.failures += 1;
    this.#ports.failed();
    if (sink.failures === 1) this.#ports.trouble(sink.config.binding, outcome);
    if (sink.failures < FAILURES_BEFORE_REST) return;
    const restMs = REST_FIRST_MS * 2 ** (sink.failures - FAILURES_BEFORE_REST);
    sink.restsUntilMs = this.#ports.now() + Math.min(restMs, REST_MAX_MS);
  }

  async #callOnce(binding: string, frame: SinkFrame): Promise<Outcome> {
    const bytes = frame.bytes();
    if (bytes === undefined) return "not-called"; // the producer's fault, not the sink's
    const timer = new AbortController();
    try {
      const timedOut = this.#ports.delay(this.#timeoutMs, timer.signal).then(() => TIMED_OUT);
      const result = await Promise.race([this.#ports.call(binding, frame.meta, bytes), timedOut]);
      return result === TIMED_OUT ? "timeout" : this.#publishAll(binding, result, frame.meta.epoch);
    } catch {
      return "failed"; // its text is the sink's own business and may hold anything
    } finally {
      timer.abort();
    }
  }

  #publishAll(binding: string, result: unknown, epoch: string): Outcome {
    if (result === undefined || result === null) return "well";
    if (!Array.isArray(result) || result.length > SINK_ALERTS_MAX) return "invalid-alert";
    const published = result.map((alert) => this.#ports.publish(binding, alert, epoch));
    return published.every(Boolean) ? "well" : "invalid-alert";
  }
}
