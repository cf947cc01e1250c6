// Who a client of Socket.IO is: what its upgrade showed comes before what its CONNECT packet says.
import type { Authenticated } from "../../../auth/authenticator.ts";
import type { Occasion } from "../../../auth/verifier.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import { TOKEN_MAX_CHARS } from "../../../protocol/limits.ts";
import type { OpenGate } from "../../gate.ts";
import type { Presented, Refusal } from "../../guard.ts";
import { whatIsShown } from "../../guard/shown.ts";
import { visitorOf } from "../../guard/visitor.ts";

export interface ConnectAttempt {
  /** The upgrade. */
  readonly request: Request;
  readonly gate: OpenGate;
  readonly occasion: Occasion;
  /** The payload of the CONNECT packet. */
  readonly auth: JsonObject | undefined;
  readonly streamId: string | undefined;
}

/** In the order header, query, cookie, payload; what is present decides, but for a cookie that opens nothing. */
export async function checkConnect(attempt: ConnectAttempt): Promise<Authenticated | Refusal> {
  const { request, gate, occasion, auth, streamId } = attempt;
  const visitor = visitorOf(request);
  const present = (presented: Presented, isClaim: boolean): Promise<Authenticated | Refusal> =>
    gate.guard.present(presented, { visitor, occasion, isClaim, place: "message", streamId });
  /** For want of anything to look at, of which the guard writes down nothing. */
  const refuseUnseen = (refusal: Refusal): Refusal => {
    gate.note({ event: "connection-refused", ...visitor, place: "message", streamId, code: refusal.code });
    return refusal;
  };
  const shown = whatIsShown(request, gate, true);
  switch (shown.kind) {
    case "claimed":
      return shown.search.kind === "ambiguous" ? refuseUnseen(AMBIGUOUS) : present(shown.search, true);
    case "ambient": {
      if (shown.search.kind === "ambiguous") return refuseUnseen(AMBIGUOUS);
      const who = await present(shown.search, false);
      if (!("code" in who) || who.code === "RATE_LIMITED") return who;
      break;
    }
    case "foreign-cookie":
    case "nothing":
  }
  const token = auth?.["token"];
  // What a client writes that has none.
  if (token === undefined || token === null || token === "") return refuseUnseen({ code: "AUTH_REQUIRED" });
  const isToken = typeof token === "string" && token.length <= TOKEN_MAX_CHARS;
  return present(isToken ? { kind: "found", token, slot: "any-token" } : { kind: "unreadable" }, true);
}

const AMBIGUOUS: Refusal = { code: "BAD_REQUEST", detail: "The query names a credential twice" };
