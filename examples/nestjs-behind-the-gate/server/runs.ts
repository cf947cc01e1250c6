// The runs: whose each is, and what happens in it, told to everyone in its room.
import { Injectable } from "@nestjs/common";
import type { Server, Socket } from "socket.io";

/** What happened in a run. */
export type RunEvent = { readonly text: string } | { readonly name: string; readonly bytes: Uint8Array };

@Injectable()
export class Runs {
  readonly #owners = new Map<string, string>();
  #server: Server | undefined;

  /** Called once, before the first client comes. */
  serveOn(server: Server): void {
    this.#server = server;
  }

  /** Whatever else Socket.IO can do with its clients. */
  get server(): Server {
    if (this.#server === undefined) throw new Error("nothing is served yet");
    return this.#server;
  }

  /** @returns false where the run is somebody else's */
  start(runId: string, ownerId: string): boolean {
    if (!this.#owners.has(runId)) this.#owners.set(runId, ownerId);
    return this.isOf(runId, ownerId);
  }

  started(): Iterable<string> {
    return this.#owners.keys();
  }

  isOf(runId: string, userId: string): boolean {
    return this.#owners.get(runId) === userId;
  }

  /** From now on this client is told what happens in the run. */
  async join(runId: string, client: Socket): Promise<void> {
    await client.join(roomOf(runId));
  }

  publish(runId: string, event: RunEvent): void {
    this.server.to(roomOf(runId)).emit("run-event", { runId, ...event });
  }
}

/** Apart from the rooms of that name that Socket.IO has for each client. */
function roomOf(runId: string): string {
  return `run:${runId}`;
}
