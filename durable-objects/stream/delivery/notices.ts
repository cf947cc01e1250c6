// What the gateway itself says to members of a stream, whatever they consume.
import type { JsonObject } from "../../../protocol/json.ts";
import { STATUS_TYPE } from "../../../protocol/message-type.ts";
import type { Access } from "../rights/access.ts";
import type { FanOut } from "./fan-out.ts";

interface Parts {
  readonly access: Pick<Access, "claim">;
  readonly fanOut: Pick<FanOut, "tellAll">;
}

export class Notices {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** To every member that registered. */
  tell(status: string, detail: JsonObject, nowMs: number): void {
    const { access, fanOut } = this.#parts;
    const streamId = access.claim?.streamId;
    fanOut.tellAll(JSON.stringify({ type: STATUS_TYPE, status, ...detail, origin: "gateway", streamId }), nowMs);
  }
}
