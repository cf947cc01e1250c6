// A sink of alerts: posts each to an address, signed, so that people hear of it with the phone in their pocket.
import { WorkerEntrypoint } from "cloudflare:workers";

/** As consumers see it; see docs/PROTOCOL.md, "Sinks of alerts". */
interface Alert {
  readonly id: string;
  readonly epoch: string;
  readonly offset: number;
  readonly [field: string]: unknown;
}

interface Env {
  readonly NOTIFY_URL?: string;
  readonly NOTIFY_SECRET?: string;
}

const ANSWER_TIMEOUT_MS = 10_000;

export class AlertSink extends WorkerEntrypoint<Env> {
  /** What throws is tried again; so is what was posted and not answered, hence the key by which a receiver knows it. */
  async onAlert(alert: Alert): Promise<void> {
    const { NOTIFY_URL: url, NOTIFY_SECRET: secret } = this.env;
    if (url === undefined) return;
    const body = JSON.stringify(alert);
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: {
        "Content-Type": "application/json",
        "Idempotency-Key": `${alert.epoch}-${alert.offset}`,
        // Without a secret there is nothing that a receiver could check.
        ...(secret ? { "X-Signature": `sha256=${await hmacHex(body, secret)}` } : {}),
      },
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`the receiver answered ${response.status}`);
  }
}

export default {
  fetch: () => new Response(null, { status: 404 }),
} satisfies ExportedHandler;

async function hmacHex(text: string, secret: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign(algorithm, key, encoder.encode(text))).toHex();
}
