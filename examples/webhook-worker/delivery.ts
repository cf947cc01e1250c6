// Whether a webhook is real, and what it says: `X-Signature: sha256=<hex>` is the HMAC of its body.

export interface Delivery {
  readonly kind: "delivery";
  readonly streamId: string;
  readonly id: string;
  readonly message: string;
}

export interface NoDelivery {
  readonly kind: "refused";
  readonly status: 400 | 401 | 404 | 405 | 413;
}

const PATH = /^\/hooks\/([A-Za-z0-9._:-]{1,128})$/;
const BODY_MAX_BYTES = 16_384;

export async function readDelivery(request: Request, secret: string): Promise<Delivery | NoDelivery> {
  const streamId = PATH.exec(new URL(request.url).pathname)?.[1];
  if (streamId === undefined) return no(404);
  if (request.method !== "POST") return no(405);
  // Signed webhooks say how long they are; one that does not is not read to find out.
  const length = request.headers.get("Content-Length");
  if (length === null || !(Number(length) <= BODY_MAX_BYTES)) return no(413);
  const body = new Uint8Array(await request.arrayBuffer());
  if (!(await isSigned(body, request.headers.get("X-Signature") ?? "", secret))) return no(401);
  const { id, message } = parse(body);
  return typeof id === "string" && typeof message === "string" ? { kind: "delivery", streamId, id, message } : no(400);
}

/** `crypto.subtle.verify` compares in a time that tells nothing. */
async function isSigned(body: Uint8Array<ArrayBuffer>, signature: string, secret: string): Promise<boolean> {
  const hex = /^sha256=([0-9a-f]{64})$/.exec(signature)?.[1];
  if (hex === undefined) return false;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["verify"]);
  return crypto.subtle.verify(algorithm, key, Uint8Array.fromHex(hex), body);
}

function parse(body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function no(status: NoDelivery["status"]): NoDelivery {
  return { kind: "refused", status };
}
