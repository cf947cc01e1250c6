// Reaches the auth server, over the binding where there is one, else over its URL.
import type { AuthServerConfig } from "./config.ts";

/**
 * Rejects where no answer comes in time, and where it is not known where to ask.
 * @param path below the auth server's own
 * @param gatewayOrigin under which the client reached the gateway; an auth server behind it knows itself by that name.
 *   Empty where nobody knows
 */
export type AuthServerFetch = (
  path: string,
  gatewayOrigin: string,
  headers?: Readonly<Record<string, string>>,
) => Promise<Response>;

/** The part of a service binding that is used; said here, since this room compiles without the platform's types. */
export interface AuthServerBinding {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** A client waits for this; one that hears nothing longer comes back. */
const ANSWER_TIMEOUT_MS = 5000;

/** Undefined where there is neither a binding nor a URL. */
export function makeAuthServerFetch(
  { path, url }: AuthServerConfig,
  binding: AuthServerBinding | undefined,
): AuthServerFetch | undefined {
  if (binding === undefined && url === undefined) return undefined;
  return async (below, gatewayOrigin, headers = {}) => {
    const base = url === undefined ? `${gatewayOrigin}${path}` : new URL(url).pathname === "/" ? `${url}${path}` : url;
    // Without an address of its own, and where nobody knows the gateway's, there is nobody to ask, and this throws.
    const target = new URL(`${base}${below}`).href;
    const init = {
      headers: { Accept: "application/json", ...headers },
      redirect: "manual" as const,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    };
    return binding === undefined ? fetch(target, init) : binding.fetch(target, init);
  };
}
