// `/health`: alive. `/ready`: configured so that somebody may get in.
import { OWN_HEADERS, problem } from "../../connection/problem.ts";
import type { Gate } from "../gate.ts";

export function health(): Response {
  return Response.json({ status: "ok" }, { headers: OWN_HEADERS });
}

/** Names the variables that are wrong and what is wrong with them, never a value. */
export function ready(gate: Gate): Response {
  switch (gate.kind) {
    case "open":
      return Response.json({ status: "ready" }, { headers: OWN_HEADERS });
    case "closed":
      return problem("MISCONFIGURED", { members: { problems: gate.problems } });
  }
}
