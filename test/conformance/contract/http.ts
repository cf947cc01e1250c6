// Asking the gateway over HTTP, as a user or with headers of one's own.
import type { Contract } from "./contract.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export type Ask = (
  method: string,
  path: string,
  /** As whom; undefined for nobody but the headers. */
  userId: string | undefined,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<HttpAnswer>;

export function askerOf({ signSession, url }: Pick<Contract, "signSession" | "url">): Ask {
  return async (method, path, userId, body, headers = {}) => {
    const authorization = userId === undefined ? {} : { Authorization: `Bearer ${await signSession({ userId })}` };
    const response = await fetch(new URL(path, url()), {
      method,
      headers: { ...authorization, ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
  };
}
