// The server behind the gate: no token and no guard, since nobody gets here unknown; only whose run it is, is asked.
import type { IncomingMessage } from "node:http";
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
import { Assertions } from "./assertions.ts";

@WebSocketGateway({ path: "/runs", transports: ["websocket"] })
export class RunsGateway implements OnGatewayInit<Server>, OnGatewayConnection<Socket> {
  readonly #runs: Runs;
  readonly #assertions: Assertions;
  /** By the request that opened the connection: the gate's word is good for a minute, the connection for hours. */
  readonly #userIds = new WeakMap<IncomingMessage, string>();

  constructor(@Inject(Runs) runs: Runs, @Inject(Assertions) assertions: Assertions) {
    this.#runs = runs;
    this.#assertions = assertions;
  }

  /** Engine.IO's own middleware stands before the connection, and before every namespace; a guard would not. */
  afterInit(server: Server): void {
    server.engine.use((request: IncomingMessage, _response: unknown, decide: (refusal?: unknown) => void) => {
      void this.#recognise(request).then(decide, decide);
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
    const userId = this.#userIds.get(client.request);
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

  async #recognise(request: IncomingMessage): Promise<void> {
    this.#userIds.set(request, await this.#assertions.userIdIn(request.headers["x-auth-assertion"]));
  }

  #mayJoin(client: Socket, runId: string): boolean {
    const userId = this.#userIds.get(client.request);
    return userId !== undefined && this.#runs.isOf(runId, userId);
  }
}
