// The official parser of Socket.IO, asked for one packet: what a client or a server that uses it makes of some messages.
import { Decoder } from "socket.io-parser";

export interface OfficialPacket {
  /** 0 CONNECT, 1 DISCONNECT, 2 EVENT, 3 ACK, 4 CONNECT_ERROR; a binary packet that is whole is one of these. */
  readonly type: number;
  readonly nsp: string;
  readonly id?: number;
  readonly data?: unknown;
}

/** `unfinished`: it waits for more attachments. Throws where it refuses, as the parser does. */
export function readOfficially(messages: readonly (string | Uint8Array)[]): OfficialPacket | "unfinished" {
  const decoder = new Decoder();
  const packets: OfficialPacket[] = [];
  decoder.on("decoded", (packet: OfficialPacket) => packets.push(packet));
  for (const message of messages) decoder.add(message);
  const [packet, ...others] = packets;
  if (others.length > 0) throw new Error("more than one packet");
  return packet ?? "unfinished";
}

/** With as many attachments as it asks for: each one byte, its number. */
export function readWithAttachments(text: string): OfficialPacket | "refused" {
  const messages: (string | Uint8Array)[] = [text];
  for (let count = 0; count <= 10; count += 1) {
    try {
      const packet = readOfficially(messages);
      if (packet !== "unfinished") return packet;
    } catch {
      return "refused";
    }
    messages.push(Uint8Array.of(count));
  }
  return "refused";
}
