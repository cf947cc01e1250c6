// The door to an existing Socket.IO server: opened in the name of who was verified, and watched for as long as it is open.
import { isSamePrincipal, type NamedPrincipal } from "../../auth/principal.ts";
import type { Occasion } from "../../auth/verifier.ts";
import { auditOf } from "../../durable-objects/audit.ts";
import type { Code } from "../../protocol/codes.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { checkConnect } from "../edge/connect-check.ts";
import type { SocketIoPath } from "../edge/socket-io-config.ts";
import { openEngineDoor } from "../engine-door.ts";
import { cutOf, type GatewayContext, occasionOf } from "../context.ts";
import type { OpenGate } from "../gate.ts";
import type { Refusal } from "../guard.ts";
import { visitorOf } from "../visitor.ts";
import { admitKnown, type AdmittedUpgrade } from "./admit-upgrade.ts";
import { askForSocket, type UpstreamSocket } from "./ask-for-socket.ts";
import { bearerOf } from "./bearer.ts";
import { ServerEnd } from "./engine-ends.ts";
import { noteTrouble } from "./forward.ts";
import { boundsOf } from "./open-route.ts";
import { Pipe } from "./pipe.ts";
import type { Route } from "./route-table.ts";
import { type Joinable, SocketIoFront } from "./socket-io-front.ts";

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
    if ("code" in admitted) return this.#refuse(admitted);
    const upstream = await this.#ask(admitted);
    if (upstream?.kind !== "open") {
      admitted.watch?.stop();
      return { code: "UPSTREAM_UNAVAILABLE" };
    }
    this.#principal = admitted.principal;
    return this.#joinable(upstream, admitted, ended);
  }

  /** Whether a CONNECT to a further namespace is let through: it is the same connection, so it must be the same client. */
  async check(auth: JsonObject | undefined): Promise<Refusal | undefined> {
    const who = await this.#check(auth);
    if ("code" in who) return who;
    const isSame = this.#principal !== undefined && isSamePrincipal(who.principal, this.#principal);
    return isSame ? undefined : this.#refuse({ code: "AUTH_FAILED" });
  }

  #check(auth: JsonObject | undefined): ReturnType<typeof checkConnect> {
    const { raw: request } = this.#context.req;
    return checkConnect({ request, gate: this.#gate, occasion: this.#now, auth, streamId: undefined });
  }

  get #now(): Occasion {
    return { ...this.#occasion, nowMs: Date.now() };
  }

  #refuse(refusal: Refusal): Refusal {
    const { env, req } = this.#context;
    const { code } = refusal;
    auditOf(env)({ event: "connection-refused", ...visitorOf(req.raw), place: "message", code });
    return refusal;
  }

  /** Undefined where there is none. */
  async #ask({ principal }: AdmittedUpgrade): Promise<(UpstreamSocket & { readonly kind: "open" }) | undefined> {
    const { env, req } = this.#context;
    const { raw: request } = req;
    const bearer = await bearerOf(principal, this.#route, this.#gate, this.#now);
    const { credentialPlaces } = this.#gate.config.auth;
    // The official server waits for ever where the slash is missing.
    const slashed = { url: withSlash(request.url), headers: request.headers };
    const upstream = await askForSocket(slashed, this.#route, bearer, env, credentialPlaces);
    if (upstream.kind === "open") return upstream;
    if (upstream.kind === "refused") await upstream.response.body?.cancel();
    else noteTrouble(request, this.#route, bearer, env, upstream, "upgrade");
    return undefined;
  }

  async #joinable(
    { socket, cut }: UpstreamSocket & { readonly kind: "open" },
    { endsAtMs, watch }: AdmittedUpgrade,
    ended: (code: Code) => void,
  ): Promise<Joinable | Refusal> {
    socket.binaryType = "arraybuffer"; // the default is Blob since 2026-03-17
    const server = new ServerEnd(socket);
    socket.accept({ allowHalfOpen: true });
    const tooLate = setTimeout(() => server.close(), this.#route.timeoutMs);
    const isOpen = await server.opened;
    clearTimeout(tooLate);
    const abandon = (): void => {
      watch?.stop();
      server.close();
      cut();
    };
    if (!isOpen) {
      abandon();
      return { code: "UPSTREAM_UNAVAILABLE" };
    }
    return {
      abandon,
      join: (client) => {
        const pipe = new Pipe({
          client: { socket: client, cut: cutOf(this.#context) },
          upstream: { socket: server, cut },
          bounds: boundsOf(this.#gate.config),
          memory: this.#gate.memory,
          endsAtMs,
          over: () => watch?.stop(),
        });
        watch?.tell(ended);
        return pipe;
      },
    };
  }
}
