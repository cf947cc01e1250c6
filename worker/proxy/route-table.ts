// Which route a path belongs to: the longest prefix on a segment boundary, the same for every reading of the path.
import { foldPath, isAmbiguous } from "./path-reading.ts";

/** Where a route leads: to a bound Worker, or to one origin. Never named by a client. */
export type Upstream =
  | { readonly kind: "service"; readonly binding: string }
  | { readonly kind: "url"; readonly origin: string };

/** Whether a credential must be shown, may be shown, or is not looked at. */
export type RouteAuth = "required" | "optional" | "none";

/** One entry of `ROUTES`, read and checked. */
export interface Route {
  /** `/`, or segments without a slash at the end. */
  readonly path: string;
  readonly upstream: Upstream;
  readonly auth: RouteAuth;
  /** Whether the upstream sees paths without the route's own. */
  readonly stripPrefix: boolean;
  /** Undefined for any; `HEAD` is among them where `GET` is. */
  readonly methods: readonly string[] | undefined;
  /** Whether a Socket.IO server is behind it, which the gateway speaks for until a client is known. */
  readonly socketIo: boolean;
  /** How long an answer may take to begin, in milliseconds. */
  readonly timeoutMs: number;
  /** What the upstream is sent beside what its client sends: names in lower case, values with secrets in their place. */
  readonly setHeaders: readonly (readonly [name: string, value: string])[];
}

export type Match =
  | { readonly kind: "route"; readonly route: Route }
  | { readonly kind: "none" }
  /** A server could read it as another path, perhaps one that asks for more. */
  | { readonly kind: "ambiguous" };

/** As it is configured: what an assertion names as its audience, and an operator reads in the audit. */
export function nameOf(upstream: Upstream): string {
  return upstream.kind === "service" ? `service:${upstream.binding}` : upstream.origin;
}

export class RouteTable {
  /** The longest first. */
  readonly #routes: readonly Route[];
  readonly #folded: readonly (readonly [path: string, route: Route])[];
  /** Upstreams of which some path asks for a credential, or may be told of one. */
  readonly #guarded: ReadonlySet<string>;

  /** @param routes of which no two have paths that fold alike */
  constructor(routes: readonly Route[]) {
    this.#routes = routes.toSorted((one, other) => other.path.length - one.path.length);
    this.#folded = this.#routes.map((route) => [foldPath(route.path) ?? route.path, route]);
    this.#guarded = new Set(routes.filter(({ auth }) => auth !== "none").map(({ upstream }) => nameOf(upstream)));
  }

  /**
   * What is matched is what is forwarded, letter for letter. Where the upstream asks for a credential anywhere, a path is
   * refused that has two readings, or that belongs to another route when it is read otherwise (`/API`, `/%61pi`, `/api;v=1`).
   * @param pathname as the platform's URL has it
   */
  match(pathname: string): Match {
    const route = this.#routes.find(({ path }) => isUnder(pathname, path));
    if (route === undefined) return { kind: "none" };
    if (!this.#guarded.has(nameOf(route.upstream))) return { kind: "route", route };
    return isAmbiguous(pathname) || this.#folding(pathname) !== route
      ? { kind: "ambiguous" }
      : { kind: "route", route };
  }

  #folding(pathname: string): Route | undefined {
    const folded = foldPath(pathname) ?? "";
    return this.#folded.find(([path]) => isUnder(folded, path))?.[1];
  }
}

function isUnder(pathname: string, path: string): boolean {
  return path === "/" || pathname === path || pathname.startsWith(`${path}/`);
}
