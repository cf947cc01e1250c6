// The server behind the gate: no token and no guard, since nobody gets here unknown; only whose run it is, is asked.
import { Inject } from "@nestjs/common";
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from "@nestjs/websockets";
import type { Server, Socket } from "socket.io";
import { readArtifact, readRunId, runIdOf } from "../read-client.ts";
import { Runs } from "../runs.ts";
import { userIdIn } from "./user-id.ts";

@WebSocketGateway({ path: "/runs", transports: ["websocket"] })
export class RunsGateway implements OnGatewayInit<Server>, OnGatewayConnection<Socket> {
  readonly #runs: Runs;
  readonly #userIds = new WeakMap<Socket, string>();

  constructor(@Inject(Runs) runs: Runs) {
    this.#runs = runs;
  }

  /** Socket.IO's own middleware stands before the connection, where a guard would not. */
  afterInit(server: Server): void {
    server.use((client, next) => {
      const userId = userIdIn(client.handshake.headers);
      if (userId === undefined) return next(new Error("unauthorized"));
      this.#userIds.set(client, userId);
      return next();
    });
    this.#runs.serveOn(server);
  }

  async handleConnection(client: Socket): Promise<void> {
    const runId = runIdOf(client);
    if (runId === undefined) return;
    if (this.#mayJoin(client, runId)) return this.#runs.join(runId, client);
    client.emit("error", "forbidden");
    client.disconnect();
  }

  @SubscribeMessage("start-run")
  async startRun(@ConnectedSocket() client: Socket, @MessageBody() message: unknown): Promise<unknown> {
    const runId = readRunId(message);
    const userId = this.#userIds.get(client);
    if (runId === undefined || userId === undefined || !this.#runs.start(runId, userId)) return { started: false };
    await this.#runs.join(runId, client);
    return { started: true };
  }

  @SubscribeMessage("artifact")
  artifact(@ConnectedSocket() client: Socket, @MessageBody() message: unknown): unknown {
    const runId = runIdOf(client);
    const artifact = readArtifact(message);
    if (runId === undefined || artifact === undefined || !this.#mayJoin(client, runId)) return { stored: false };
    this.#runs.publish(runId, artifact);
    return { stored: true, size: artifact.bytes.length };
  }

  #mayJoin(client: Socket, runId: string): boolean {
    const userId = this.#userIds.get(client);
    return userId !== undefined && this.#runs.isOf(runId, userId);
  }
}
