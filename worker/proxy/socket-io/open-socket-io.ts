// The door to an existing Socket.IO server: opened in the name of who was verified, and watched for as long as it is open.
import { isSamePrincipal, type NamedPrincipal, type Principal } from "../../../auth/principal.ts";
import type { Occasion } from "../../../auth/verifier.ts";
import { identityOf } from "../../../connection/audit.ts";
import type { Code } from "../../../protocol/codes.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import { cutOf, type GatewayContext, occasionOf } from "../../context.ts";
import { openEngineDoor } from "../../doors/engine-door.ts";
import type { SocketIoPath } from "../../edge/socket-io/config.ts";
import { checkConnect } from "../../edge/socket-io/connect-check.ts";
import type { OpenGate } from "../../gate.ts";
import type { Refusal } from "../../guard.ts";
import { visitorOf } from "../../guard/visitor.ts";
import { noteTrouble } from "../forward.ts";
import { bearerOf } from "../identity/bearer.ts";
import type { Route } from "../route-table.ts";
import { admitKnown, type AdmittedUpgrade } from "../sockets/admit-upgrade.ts";
import { askForSocket } from "../sockets/ask-for-socket.ts";
import { boundsOf } from "../sockets/open-route.ts";
import { Pipe, type PipedSide } from "../sockets/pipe.ts";
import { noteOpened } from "../sockets/socket-life.ts";
import { ServerEnd } from "./engine-ends.ts";
import { type Joinable, SocketIoFront } from "./front.ts";

/** Whether a path is where the clients of a route's Socket.IO server connect; nothing else there is served. */
export function isSocketIoDoor({ path, socketIo }: Route, pathname: string): boolean {
  return socketIo && (pathname === path || pathname === `${path}/`);
}

/** @param path in whose words clients are refused */
export function openSocketIoRoute(context: GatewayContext, route: Route, path: SocketIoPath): Promise<Response> {
  const { raw: request } = context.req;
  const occasion = occasionOf(context);
  return openEngineDoor(request, context.env, occasion, (server, gate) => {
    const opening = new Opening(context, route, gate, occasion);
    const front = new SocketIoFront(server, {
      gate,
      path,
      cut: cutOf(context),
      open: (auth) => opening.open(auth, (code) => front.end(code)),
      check: (auth) => opening.check(auth),
      randomId: () => crypto.randomUUID(),
      random: () => Math.random(),
    });
    front.start();
  });
}

/** The address with a slash at the end of its path. */
function withSlash(url: string): string {
  return url.replace(/\/?\?/, "/?");
}

/** The server's end of one client. */
class Opening {
  readonly #context: GatewayContext;
  readonly #route: Route;
  readonly #gate: OpenGate;
  readonly #occasion: Occasion;
  /** In whose name it is opened. */
  #principal: NamedPrincipal | undefined;

  constructor(context: GatewayContext, route: Route, gate: OpenGate, occasion: Occasion) {
    this.#context = context;
    this.#route = route;
    this.#gate = gate;
    this.#occasion = occasion;
  }

  /** @param ended told once its session was revoked */
  async open(auth: JsonObject | undefined, ended: (code: Code) => void): Promise<Joinable | Refusal> {
    const { env } = this.#context;
    const who = await this.#check(auth);
    if ("code" in who) return who;
    const admitted = await admitKnown(who, env);
    if ("known" in admitted) return this.#refuse(admitted.refusal, admitted.known);
    const { connectionId, endsAtMs, principal, watch } = admitted;
    // From now on, not only once both are joined: opening may take a while, and nothing may be said in a revoked name.
    let isJoined = false;
    watch?.tell((code) => {
      if (!isJoined) this.#refuse({ code }, who.principal);
      ended(code);
    });
    const server = await this.#openServer(admitted);
    if (server === undefined) {
      watch?.stop();
      return { code: "UPSTREAM_UNAVAILABLE" };
    }
    this.#principal = principal;
    return {
      abandon: () => {
        watch?.stop();
        server.socket.close();
        server.cut();
      },
      join: (client) => {
        isJoined = true;
        const visitor = visitorOf(this.#context.req.raw);
        const socket = { visitor, place: "message", principal, route: this.#route, connectionId } as const;
        const noteClosed = noteOpened(socket, this.#gate.note);
        return new Pipe({
          client: { socket: client, cut: cutOf(this.#context) },
          upstream: server,
          bounds: boundsOf(this.#gate.config),
          memory: this.#gate.memory,
          endsAtMs,
          over: (over) => {
            watch?.stop();
            noteClosed(over);
          },
        });
      },
    };
  }

  /** Whether a CONNECT to a further namespace is let through: it is the same connection, so it must be the same client. */
  async check(auth: JsonObject | undefined): Promise<Refusal | undefined> {
    const who = await this.#check(auth);
    if ("code" in who) return who;
    const isSame = this.#principal !== undefined && isSamePrincipal(who.principal, this.#principal);
    return isSame ? undefined : this.#refuse({ code: "AUTH_FAILED" }, who.principal);
  }

  #check(auth: JsonObject | undefined): ReturnType<typeof checkConnect> {
    const { raw: request } = this.#context.req;
    return checkConnect({ request, gate: this.#gate, occasion: this.#now, auth, streamId: undefined });
  }

  get #now(): Occasion {
    return { ...this.#occasion, nowMs: Date.now() };
  }

  #refuse(refusal: Refusal, known: Principal): Refusal {
    const visitor = visitorOf(this.#context.req.raw);
    const { code } = refusal;
    this.#gate.note({ event: "connection-refused", ...visitor, ...identityOf(known), place: "message", code });
    return refusal;
  }

  /** Its end of the connection, opened for Socket.IO; undefined where it is not there within the route's time. */
  async #openServer({ principal }: AdmittedUpgrade): Promise<PipedSide | undefined> {
    const { env, req } = this.#context;
    const { raw: request } = req;
    const tooLateAtMs = Date.now() + this.#route.timeoutMs;
    const bearer = await bearerOf(principal, this.#route, this.#gate, this.#now);
    const { credentialPlaces } = this.#gate.config.auth;
    // The official server waits for ever where the slash is missing.
    const slashed = { url: withSlash(request.url), headers: request.headers };
    const upstream = await askForSocket(slashed, this.#route, bearer, env, credentialPlaces);
    // Its client learns of none of these but that it may come back; who runs the gate must know.
    const trouble = (kind: "refused" | "timeout" | "unreachable"): undefined =>
      noteTrouble(request, this.#route, bearer, env, { kind }, "upgrade");
    switch (upstream.kind) {
      case "refused":
        await upstream.response.body?.cancel();
        return trouble("refused");
      case "timeout":
      case "unreachable":
        return trouble(upstream.kind);
      case "open":
    }
    const { socket, cut } = upstream;
    socket.binaryType = "arraybuffer"; // the default is Blob since 2026-03-17
    const server = new ServerEnd(socket);
    socket.accept({ allowHalfOpen: true });
    const tooLate = setTimeout(() => server.close(), Math.max(0, tooLateAtMs - Date.now()));
    const isOpen = await server.opened;
    clearTimeout(tooLate);
    if (isOpen) return { socket: server, cut };
    server.close();
    cut();
    return trouble(Date.now() < tooLateAtMs ? "unreachable" : "timeout");
  }
}
