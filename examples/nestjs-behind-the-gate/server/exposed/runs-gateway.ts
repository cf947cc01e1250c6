// The server as it is when clients reach it directly: its guard stands before messages, and not before connections.
import { Inject, UseGuards } from "@nestjs/common";
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from "@nestjs/websockets";
import type { Server, Socket } from "socket.io";
import { readArtifact, runIdOf } from "../read-client.ts";
import { Runs } from "../runs.ts";
import { WsAuthGuard } from "./ws-auth-guard.ts";

@UseGuards(WsAuthGuard)
@WebSocketGateway({ path: "/runs", cors: { origin: true }, transports: ["websocket"] })
export class RunsGateway implements OnGatewayInit<Server>, OnGatewayConnection<Socket> {
  readonly #runs: Runs;

  constructor(@Inject(Runs) runs: Runs) {
    this.#runs = runs;
  }

  afterInit(server: Server): void {
    this.#runs.serveOn(server);
  }

  /** The hole: NestJS asks no guard here, so a client that never says anything is never asked for its token. */
  async handleConnection(client: Socket): Promise<void> {
    const runId = runIdOf(client);
    if (runId !== undefined) await this.#runs.join(runId, client);
  }

  @SubscribeMessage("artifact")
  artifact(@ConnectedSocket() client: Socket, @MessageBody() message: unknown): unknown {
    const runId = runIdOf(client);
    const artifact = readArtifact(message);
    if (runId === undefined || artifact === undefined) return { stored: false };
    this.#runs.publish(runId, artifact);
    return { stored: true, size: artifact.bytes.length };
  }
}
