// Puts the packets of a client together with what is attached to them: at most one binary message is kept, whatever is announced.
import { ENVELOPE_HEADER_MAX_BYTES } from "../../../protocol/limits.ts";
import { bytesOf } from "../../../protocol/size.ts";
import { type EventPacket, MAIN_NAMESPACE, type Packet, readPacket } from "./packet.ts";

/** A packet that is complete. `attachment`: of an event with one, where the event is not too long to be its header. */
export interface WholePacket {
  readonly packet: Packet;
  readonly attachment: ArrayBuffer | undefined;
  /** Of all its messages. */
  readonly bytes: number;
}

/**
 * `part`: more belongs to it and follows. `broken`: it is no packet, or none that may come now. `too-large`: with what came
 * of it before, and it was not looked at.
 */
export type Reading = WholePacket | "part" | "broken" | "too-large";

interface Pending {
  readonly packet: EventPacket | (Packet & { readonly kind: "ack" });
  /** How many binary messages are still to come. */
  readonly missing: number;
  /** Of what has come. */
  readonly bytes: number;
}

export class EventReader {
  #pending: Pending | undefined;

  /** @param maxBytes of a packet with what is attached to it */
  read(message: string | ArrayBuffer, maxBytes: number): Reading {
    const bytes = bytesOf(message) + (this.#pending?.bytes ?? 0);
    if (bytes > maxBytes) return "too-large";
    return typeof message === "string" ? this.#readText(message, bytes) : this.#readBinary(message, bytes);
  }

  #readText(text: string, bytes: number): Reading {
    if (this.#pending !== undefined) return "broken";
    const packet = readPacket(text);
    if (packet === undefined) return "broken";
    if (!("attachments" in packet) || packet.attachments === 0) return { packet, attachment: undefined, bytes };
    // Nobody is connected there, and its name may be long: it need not be kept until that is said.
    if (packet.namespace !== MAIN_NAMESPACE) return "broken";
    // Longer than any header may be: it is refused in the end, and need not be kept until then.
    const isTooLong = packet.kind === "event" && packet.json.length > ENVELOPE_HEADER_MAX_BYTES;
    this.#pending = { packet: isTooLong ? withoutContent(packet) : packet, missing: packet.attachments, bytes };
    return "part";
  }

  #readBinary(message: ArrayBuffer, bytes: number): Reading {
    if (this.#pending === undefined) return "broken";
    const { packet, missing } = this.#pending;
    this.#pending = missing > 1 ? { packet, missing: missing - 1, bytes } : undefined;
    if (missing > 1) return "part";
    return { packet, attachment: packet.attachments === 1 ? message : undefined, bytes };
  }
}

/** An event that no stream takes, since its data is no attachment. Its name may be what is long. */
function withoutContent(packet: EventPacket): EventPacket {
  return { ...packet, name: "", args: [], json: "" };
}
