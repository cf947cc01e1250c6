// The variable ROUTES: which paths lead to which upstreams, checked whole before anybody gets in.
import type { VariableReader } from "../../auth/variables.ts";
import { isJsonObject, isTextList, type JsonObject, parseJson } from "../../protocol/json.ts";
import { isOwnEndpoint } from "../own-endpoints.ts";
import { foldPath } from "./path-reading.ts";
import { type Route, type RouteAuth, RouteTable, type Upstream } from "./route-table.ts";
import { readSetHeaders } from "./set-headers.ts";

const NAME = "ROUTES";
const ROUTES_MAX = 100;
const FIELDS: ReadonlySet<string> = new Set([
  "path",
  "upstream",
  "auth",
  "stripPrefix",
  "methods",
  "socketIo",
  "timeoutMs",
  "setHeaders",
]);
const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/** What no server has a second reading of: no escapes, no segment of dots, no dot at its end. */
const PATH = /^\/(?:[A-Za-z0-9._~-]*[A-Za-z0-9_~-](?:\/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])*)?$/;
const PATH_MAX_CHARS = 256;
const BINDING = /^service:([A-Za-z_][A-Za-z0-9_]{0,63})$/;
/** An upstream on the developer's own machine needs no certificate. */
const LOCAL_HOSTS: ReadonlySet<string> = new Set(["localhost", "127.0.0.1"]);
const TIMEOUT_DEFAULT_MS = 30_000;
const TIMEOUT_MAX_MS = 600_000;

/** What of an entry was wrong, in words that repeat none of it: a key may have got into the wrong place. */
type Report = (message: string) => void;

/**
 * JSON `[{path, upstream, auth?, stripPrefix?, methods?, socketIo?, timeoutMs?, setHeaders?}]`. Every problem of every entry
 * is reported.
 * @param authPath where the auth server is reached through the gateway; undefined where none is bound
 */
export function readRoutes(variables: VariableReader, authPath: string | undefined): RouteTable {
  const text = variables.text(NAME);
  const entries = text === undefined ? [] : parseJson(text)?.value;
  if (!Array.isArray(entries)) {
    variables.report(NAME, "must be a JSON list of routes");
    return new RouteTable([]);
  }
  if (entries.length > ROUTES_MAX) variables.report(NAME, `holds more than ${ROUTES_MAX} routes`);
  const routes = entries.slice(0, ROUTES_MAX).flatMap((entry: unknown, index): readonly Route[] => {
    const report: Report = (message) => variables.report(NAME, `entry ${index + 1}: ${message}`);
    const route = readRoute(entry, authPath, variables, report);
    return route === undefined ? [] : [route];
  });
  const paths = new Set(routes.map(({ path }) => foldPath(path)));
  if (paths.size < routes.length) variables.report(NAME, "has two routes of one path, which case does not tell apart");
  return new RouteTable(routes);
}

function readRoute(
  entry: unknown,
  authPath: string | undefined,
  variables: VariableReader,
  report: Report,
): Route | undefined {
  if (!isJsonObject(entry)) {
    report("is not {path, upstream, …}");
    return undefined;
  }
  if (!Object.keys(entry).every((name) => FIELDS.has(name))) {
    report(`has a field that is none of ${[...FIELDS].join(", ")}`);
  }
  const path = readPath(entry["path"], authPath, report);
  const upstream = readUpstream(entry["upstream"], variables, report);
  const rest = {
    auth: readAuth(entry["auth"], report),
    stripPrefix: readFlag(entry, "stripPrefix", report),
    methods: readMethods(entry["methods"], report),
    socketIo: readFlag(entry, "socketIo", report),
    timeoutMs: readTimeoutMs(entry["timeoutMs"], report),
    setHeaders: readSetHeaders(entry["setHeaders"], variables, report),
  };
  if (rest.socketIo) checkSocketIo(rest, report);
  return path === undefined || upstream === undefined ? undefined : { path, upstream, ...rest };
}

/** A Socket.IO server for everybody needs no gate, and one who reads such an entry would believe that strangers get in. */
function checkSocketIo({ auth, methods }: Pick<Route, "auth" | "methods">, report: Report): void {
  if (auth !== "required") report("`auth` must be required beside `socketIo`, where each CONNECT is checked");
  if (methods !== undefined) report("`methods` means nothing beside `socketIo`, where only WebSockets pass");
}

function readPath(value: unknown, authPath: string | undefined, report: Report): string | undefined {
  const path = typeof value === "string" && value !== "/" ? value.replace(/\/$/, "") : value;
  if (typeof path !== "string" || path.length > PATH_MAX_CHARS || !PATH.test(path)) {
    report("`path` must be a path such as /api");
    return undefined;
  }
  // One above them is no surprise: what is the gateway's own comes first there, and the rest is the route's.
  if (isOwnEndpoint(path)) report("`path` is an endpoint of the gateway's own, which answers first");
  if (authPath !== undefined && (path === authPath || path.startsWith(`${authPath}/`))) {
    report("`path` is the auth server's (AUTH_PATH), which answers first");
  }
  return path;
}

function readUpstream(value: unknown, variables: VariableReader, report: Report): Upstream | undefined {
  const text = typeof value === "string" ? value : "";
  const binding = BINDING.exec(text)?.[1];
  if (binding !== undefined) {
    if (isFetcher(variables.binding(binding))) return { kind: "service", binding };
    report("`upstream` names a Worker that is not bound");
    return undefined;
  }
  if (isOrigin(text)) return { kind: "url", origin: text };
  report("`upstream` must be service:BINDING, or an origin such as https://api.example.com without a path");
  return undefined;
}

function isFetcher(binding: unknown): boolean {
  return typeof binding === "object" && binding !== null && "fetch" in binding && typeof binding.fetch === "function";
}

/** Exactly as a URL writes its origin: nothing of what a client sends can then move it. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  return origin === text && (protocol === "https:" || (protocol === "http:" && LOCAL_HOSTS.has(hostname)));
}

/** Left out, a credential is required. */
function readAuth(value: unknown, report: Report): RouteAuth {
  if (value === undefined || value === "required") return "required";
  if (value === "optional" || value === "none") return value;
  report("`auth` must be required, optional or none");
  return "required";
}

function readFlag(entry: JsonObject, name: "stripPrefix" | "socketIo", report: Report): boolean {
  const { [name]: value = false } = entry;
  if (typeof value !== "boolean") report(`\`${name}\` must be true or false`);
  return value === true;
}

function readMethods(value: unknown, report: Report): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (isTextList(value) && value.length > 0 && value.every((method) => METHODS.includes(method))) {
    return METHODS.filter((method) => value.includes(method) || (method === "HEAD" && value.includes("GET")));
  }
  report(`\`methods\` must be a list out of ${METHODS.join(", ")}`);
  return undefined;
}

function readTimeoutMs(value: unknown, report: Report): number {
  if (value === undefined) return TIMEOUT_DEFAULT_MS;
  const isTime = typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= TIMEOUT_MAX_MS;
  if (isTime) return value;
  report(`\`timeoutMs\` must be an integer from 1 to ${TIMEOUT_MAX_MS}`);
  return TIMEOUT_DEFAULT_MS;
}
