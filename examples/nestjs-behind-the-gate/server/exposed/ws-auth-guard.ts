// The guard of the exposed server: whoever sends a message has to have come with the token.
import { type CanActivate, type ExecutionContext, Inject, Injectable } from "@nestjs/common";
import { WsException } from "@nestjs/websockets";
import type { Socket } from "socket.io";

/** Under which the one token of all clients is provided. */
export const AUTH_TOKEN = Symbol("the token of all clients");

@Injectable()
export class WsAuthGuard implements CanActivate {
  readonly #expected: string;

  constructor(@Inject(AUTH_TOKEN) expected: string) {
    this.#expected = expected;
  }

  canActivate(context: ExecutionContext): boolean {
    const client = context.switchToWs().getClient<Socket>();
    if (tokenOf(client) === this.#expected) return true;
    client.emit("error", "unauthorized");
    client.disconnect();
    throw new WsException("Invalid websocket token");
  }
}

/** From the header, else from the query, else from the CONNECT packet. */
function tokenOf({ handshake: { headers, query, auth } }: Socket): unknown {
  const header = /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1];
  return header ?? query["token"] ?? auth["token"];
}
