// The latest frame over HTTP: bytes that a producer chose, served so that no page of ours ever runs them.
import { problem } from "../../connection/problem.ts";
import { isPayloadType } from "../../protocol/message-type.ts";
import type { GatewayContext } from "../context.ts";
import { toAnswer, withStream } from "./with-stream.ts";

/** What a browser shows and does not run. SVG is an image that runs scripts, hence not among them. */
const SHOWN = /^(?:image\/(?:jpeg|png|webp|avif|gif)|(?:audio|video)\/[a-z0-9.+-]{1,64})$/i;

/** Without the usual `no-store` alone: a proxy must know as well that it is one caller's. */
const SAFE_HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "private, no-store",
  "Referrer-Policy": "no-referrer",
} as const;

/** `?type=` names another than the deployment's usual type. 404 where there is no frame. */
export function getFrame(context: GatewayContext): Promise<Response> {
  return withStream(context, async (stream, principal, streamId) => {
    const type = context.req.query("type");
    if (type !== undefined && !isPayloadType(type)) return problem("BAD_REQUEST");
    const frame = await stream.readFrame(principal, streamId, type);
    if (frame.kind === "fault") return toAnswer(frame);
    return new Response(frame.bytes, {
      headers: {
        "Content-Type": SHOWN.test(frame.contentType) ? frame.contentType : "application/octet-stream",
        "X-Frame-Seq": String(frame.seq),
        ...SAFE_HEADERS,
      },
    });
  });
}
