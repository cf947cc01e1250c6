// `GET /.well-known/jwks.json`: the public keys by which upstreams know that an assertion is this gateway's.
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import type { Gate } from "../gate.ts";

/** As long as an assertion: where a key signs that was not listed ahead, a cache on the way may not know it for so long. */
const LIFE_S = 60;
const HEADERS = { ...OWN_HEADERS, "Cache-Control": `public, max-age=${LIFE_S}` } as const;

/** RFC 7517 §5. */
export async function keySet(gate: Gate, nowMs: number): Promise<Response> {
  if (gate.kind === "closed") return problem("MISCONFIGURED");
  return Response.json({ keys: await gate.assertionKeys(nowMs) }, { headers: HEADERS });
}
