// How the contract asks a stream over HTTP, as a user with a token.
import type { Contract } from "./contract.ts";

export interface Asked {
  readonly streamId: string;
  /** Undefined for a stranger without a credential. */
  readonly userId: string | undefined;
}

/** @param path what stands behind the stream's id, with its query */
export async function ask(
  contract: Contract,
  { streamId, userId }: Asked,
  path = "",
  { body, headers, method = "GET" }: { body?: unknown; headers?: Record<string, string>; method?: string } = {},
): Promise<Response> {
  const Authorization =
    userId === undefined ? {} : { Authorization: `Bearer ${await contract.signSession({ userId })}` };
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  return fetch(contract.streamUrl(streamId, path), {
    method,
    headers: { ...Authorization, ...json, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** The owner changes whom he lets in. */
export async function allow(contract: Contract, owner: Asked, list: Record<string, unknown>): Promise<void> {
  const { status } = await ask(contract, owner, "/access", { method: "PUT", body: list });
  if (status !== 200) throw new Error(`the access list was answered with ${status}`);
}

const LOOK_EVERY_MS = 200;

/** Resolves once the status of a stream is as wanted; for what nothing tells of. */
export async function statusBecomes(
  contract: Contract,
  who: Asked,
  isWanted: (status: Record<string, Record<string, unknown>>) => boolean,
): Promise<void> {
  for (;;) {
    const answer = await ask(contract, who);
    if (isWanted((await answer.json()) as Record<string, Record<string, unknown>>)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
