// The Workers that an operator bound to streams: models, receivers of alerts, and one that decides; each is given its time.
import type { JsonObject } from "../protocol/json.ts";
import { inTime } from "./answer-in-time.ts";
import type { ObjectEnv } from "./object-env.ts";
import type { StreamPorts } from "./stream/ports.ts";
import type { Question } from "./stream/rights/delegated-answers.ts";
import type { FrameMeta } from "./stream/sinks/frame-sinks.ts";

/** The entrypoint `FrameSink`. */
interface FrameSinkBinding {
  onFrame(meta: FrameMeta, bytes: ArrayBuffer): Promise<unknown>;
}

/** The entrypoint `AlertSink`. */
interface AlertSinkBinding {
  onAlert(alert: JsonObject): Promise<unknown>;
}

/** The entrypoint of the Worker that decides, under the policy `delegate`. */
interface AuthorizerBinding {
  authorize(question: Question): Promise<unknown>;
}

/** Somebody waits for it who would come in. */
const AUTHORIZER_TIMEOUT_MS = 2000;
/** A push service may be slow; nobody waits for it. */
const ALERT_SINK_TIMEOUT_MS = 30_000;

/**
 * The configuration was checked to name bindings; whether each has its method shows when it is called.
 * @param keepAlive a model may go on after its time is over, and the object with it
 */
export function makeBoundWorkers(
  env: ObjectEnv,
  keepAlive: StreamPorts["keepAlive"],
): Pick<StreamPorts, "sinks" | "callAlertSink" | "authorize"> {
  return {
    sinks: {
      call: (binding, meta, bytes) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an RPC stub answers to every name
        const call = (env[binding] as FrameSinkBinding).onFrame(meta, bytes);
        keepAlive(call.catch(() => undefined));
        return call;
      },
      delay,
    },
    callAlertSink: (binding, alert) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an RPC stub answers to every name
      const call = (env[binding] as AlertSinkBinding).onAlert(alert);
      return inTime(call, ALERT_SINK_TIMEOUT_MS, "the sink of alerts");
    },
    authorize: (question) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an RPC stub answers to every name
      const call = (env["AUTHORIZER"] as AuthorizerBinding).authorize(question);
      return inTime(call, AUTHORIZER_TIMEOUT_MS, "the Worker that decides");
    },
  };
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
}
