// A Worker that publishes: a signed webhook of a door sensor, or of anything else, becomes an alert of a stream.
import { readDelivery, type Delivery } from "./delivery.ts";

/** The part of the gateway's entrypoint `StreamGateway` that this Worker calls; see docs/PROTOCOL.md, "Workers". */
interface StreamGateway {
  publish(streamId: string, message: Record<string, unknown>): Promise<Published | Refused>;
  latestFrame(streamId: string): Promise<{ readonly kind: "frame"; readonly seq: number } | Refused>;
}

interface Published {
  readonly kind: "stored" | "relayed";
  readonly offset?: number;
  readonly duplicate?: true;
}

interface Refused {
  readonly kind: "refused";
  readonly code: string;
  readonly temporary: boolean;
}

interface Env {
  readonly SLUICE: StreamGateway;
  readonly WEBHOOK_SECRET: string;
}

export default {
  /** `POST /hooks/:streamId`, signed. Answers 2xx once the alert is stored; senders repeat a webhook on anything else. */
  async fetch(request, env) {
    const delivery = await readDelivery(request, env.WEBHOOK_SECRET);
    if (delivery.kind === "refused") return new Response(null, { status: delivery.status });
    const published = await publish(delivery, env.SLUICE);
    if (published.kind !== "refused") return Response.json(published);
    // 503 is repeated by senders, 422 is not: what is refused for good would be refused each time.
    return Response.json({ code: published.code }, { status: published.temporary ? 503 : 422 });
  },
} satisfies ExportedHandler<Env>;

async function publish(delivery: Delivery, gateway: StreamGateway): Promise<Published | Refused> {
  const { streamId, id, message } = delivery;
  // What the camera saw when it happened, for whoever reads the alert later.
  const frame = await gateway.latestFrame(streamId);
  const frameSeq = frame.kind === "frame" ? frame.seq : undefined;
  // The sender's own id, so that a webhook that comes twice is one alert.
  return gateway.publish(streamId, { type: "alert", id, severity: "info", message, frameSeq });
}
