// What a client says: the run that it came for, and the messages that it sends.
import type { Socket } from "socket.io";

export interface Artifact {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The `runId` of its query; undefined where it came for none. */
export function runIdOf(client: Socket): string | undefined {
  const { runId } = client.handshake.query;
  return typeof runId === "string" && runId !== "" ? runId : undefined;
}

export function readRunId(message: unknown): string | undefined {
  const { runId } = fieldsOf(message);
  return typeof runId === "string" && runId !== "" ? runId : undefined;
}

export function readArtifact(message: unknown): Artifact | undefined {
  const { name, bytes } = fieldsOf(message);
  return typeof name === "string" && bytes instanceof Uint8Array ? { name, bytes } : undefined;
}

function fieldsOf(message: unknown): Record<string, unknown> {
  return typeof message === "object" && message !== null ? { ...message } : {};
}
