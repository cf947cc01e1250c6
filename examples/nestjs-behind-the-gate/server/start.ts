// Starts the server in one of its two forms, on this machine's own address.
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { RunsGateway as ExposedGateway } from "./exposed/runs-gateway.ts";
import { AUTH_TOKEN, WsAuthGuard } from "./exposed/ws-auth-guard.ts";
import { Assertions, GATE, type Gate } from "./gated/assertions.ts";
import { RunsGateway as GatedGateway } from "./gated/runs-gateway.ts";
import { Runs } from "./runs.ts";

export type ServerForm =
  | { readonly kind: "exposed"; /** What each client has to show. */ readonly token: string }
  | { readonly kind: "gated"; readonly gate: Gate };

export interface RunningServer {
  readonly url: URL;
  readonly runs: Runs;
  readonly stop: () => Promise<void>;
}

@Module({})
class ServerModule {}

/** @param port 0 for any that is free */
export async function startServer(form: ServerForm, port: number): Promise<RunningServer> {
  const app = await NestFactory.create(
    { module: ServerModule, providers: [Runs, ...providersOf(form)] },
    { logger: ["error", "warn"] },
  );
  // Nobody but the gate beside it, or a tunnel to the gate, gets as far as this.
  await app.listen(port, "127.0.0.1");
  return { url: new URL(await app.getUrl()), runs: app.get(Runs), stop: () => app.close() };
}

function providersOf(form: ServerForm) {
  return form.kind === "exposed"
    ? [ExposedGateway, WsAuthGuard, { provide: AUTH_TOKEN, useValue: form.token }]
    : [GatedGateway, Assertions, { provide: GATE, useValue: form.gate }];
}
