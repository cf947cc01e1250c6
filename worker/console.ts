// The page at `/`: static files, under headers that let it run its own code, talk to its own origin, and nothing else.
import { problem } from "../connection/problem.ts";
import type { GatewayContext } from "./context.ts";
import { isUpgrade } from "./upgrade.ts";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'", // pictures of a stream are drawn on a canvas, which needs no source
  "connect-src 'self'", // WebSockets of the same host included
  "base-uri 'none'",
  "form-action 'none'", // a password never leaves by a form that its script did not get hold of
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'", // no text becomes HTML anywhere on the page
  "trusted-types 'none'",
].join("; ");

const HEADERS = {
  "Content-Security-Policy": POLICY,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  // Asked about at each load, and answered 304 by its ETag: after a deploy no page runs with a part of the old one.
  "Cache-Control": "no-cache",
} as const;

/** Whatever is not there, or is no file but a redirect to one, is the gateway's own 404. */
export async function serveConsole(context: GatewayContext): Promise<Response> {
  const { CONSOLE: files } = context.env;
  const { method, url, headers } = context.req.raw;
  if (files === undefined || isUpgrade(context.req.raw) || (method !== "GET" && method !== "HEAD")) {
    return problem("NOT_FOUND");
  }
  const ifNoneMatch = headers.get("If-None-Match");
  const target = new URL(url);
  target.search = "";
  // Made from nothing: no credential of a request goes where none is needed.
  const file = await files.fetch(target, {
    method,
    headers: ifNoneMatch === null ? {} : { "If-None-Match": ifNoneMatch },
    redirect: "manual",
  });
  if (file.status !== 200 && file.status !== 304) return problem("NOT_FOUND");
  for (const name of ["Content-Type", "ETag"]) {
    const value = file.headers.get(name);
    if (value !== null) context.header(name, value);
  }
  for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
  if (file.status === 304) return context.body(null, 304);
  return file.body === null ? context.body(null) : context.body(file.body);
}
