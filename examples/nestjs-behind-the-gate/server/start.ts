// Starts the server in one of its two forms, on this machine's own address.
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { RunsGateway as ExposedGateway } from "./exposed/runs-gateway.ts";
import { AUTH_TOKEN, WsAuthGuard } from "./exposed/ws-auth-guard.ts";
import { RunsGateway as GatedGateway } from "./gated/runs-gateway.ts";
import { Runs } from "./runs.ts";

export interface ServerOptions {
  readonly kind: "exposed" | "gated";
  /** What a client of the exposed one has to show; the gated one knows no token. */
  readonly token: string;
  /** 0 for any that is free. */
  readonly port: number;
}

export interface RunningServer {
  readonly url: URL;
  readonly runs: Runs;
  readonly stop: () => Promise<void>;
}

@Module({})
class ServerModule {}

export async function startServer({ kind, token, port }: ServerOptions): Promise<RunningServer> {
  const exposed = [ExposedGateway, WsAuthGuard, { provide: AUTH_TOKEN, useValue: token }];
  const providers = [Runs, ...(kind === "exposed" ? exposed : [GatedGateway])];
  const app = await NestFactory.create({ module: ServerModule, providers }, { logger: ["error", "warn"] });
  // Nobody but the gate beside it, or a tunnel to the gate, gets as far as this.
  await app.listen(port, "127.0.0.1");
  return { url: new URL(await app.getUrl()), runs: app.get(Runs), stop: () => app.close() };
}
