// Joins the auth server to the gate: whoever is signed out, banned or deleted here has his sockets closed there.
import type { BetterAuthOptions } from "better-auth";

/** What `POST /admin/revocations` of the gateway takes. */
export interface Revocation {
  readonly userId: string;
  /** Undefined where the user himself may not come in any more. */
  readonly sessionId?: string;
  /** Milliseconds since 1970; the gateway's own time where it is left out. */
  readonly issuedBefore?: number;
}

/**
 * A session that is deleted never comes back, so nothing signed for it counts, also what another request was signing at this
 * moment. The gateway takes up to a minute, and the clocks of the two may differ.
 */
const AHEAD_MS = 30_000;

/**
 * Every way in which a session ends passes `session.delete` (`packages/better-auth/src/db/internal-adapter.ts`): sign-out,
 * `revoke-session`, `revoke-sessions`, a change of password that ends the others, a ban, the end of the user. One that runs out
 * does too, and needs no word. Sessions that are kept in a secondary storage alone pass no hook.
 * @param tell must not throw: the sign-out waits for it and would fail with it
 */
export function revokingHooks(tell: (revocation: Revocation) => void): NonNullable<BetterAuthOptions["databaseHooks"]> {
  return {
    session: {
      delete: {
        after: async ({ id, userId, expiresAt }) => {
          const nowMs = Date.now();
          if (expiresAt.getTime() > nowMs) tell({ userId, sessionId: id, issuedBefore: nowMs + AHEAD_MS });
        },
      },
    },
    // Tokens that name no session, such as those of the jwt plugin, end with the user only.
    user: {
      update: {
        // Of the admin plugin; written with each later change of a banned user as well, which harms nobody.
        after: async (user) => {
          if ("banned" in user && user["banned"] === true) tell({ userId: user.id });
        },
      },
      delete: { after: async ({ id }) => tell({ userId: id }) },
    },
  };
}

/** The gate may be restarting; a client that was signed out is not kept waiting for it. */
const PAUSES_MS = [500, 2000, 8000] as const;
const ANSWER_TIMEOUT_MS = 5000;
const ACCEPTED = 202;

/** How the gate is reached, and what a test puts in its place. */
export interface Gate {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Any origin where a binding leads to it. */
  readonly origin: string;
  readonly adminKey: string;
  readonly pause: (ms: number) => Promise<void>;
}

/** Tells the gate, and again where it does not take it. Never rejects; what was not told is logged, without whom it was about. */
export async function tellGate(gate: Gate, revocation: Revocation): Promise<void> {
  let status = await attempt(gate, revocation);
  for (const pauseMs of PAUSES_MS) {
    if (!mayPass(status)) break;
    // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
    await gate.pause(pauseMs);
    // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
    status = await attempt(gate, revocation);
  }
  if (status !== ACCEPTED) console.error(JSON.stringify({ event: "revocation-not-told", status }));
}

/** The status of the answer, or 0 where there was none. */
async function attempt({ adminKey, fetch, origin }: Gate, revocation: Revocation): Promise<number> {
  try {
    const request = new Request(new URL("/admin/revocations", origin), {
      method: "POST",
      headers: { "Content-Type": "application/json", "x-api-key": adminKey },
      body: JSON.stringify(revocation),
      redirect: "manual", // nobody else gets the key
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const { status } = await fetch(request);
    return status;
  } catch {
    return 0;
  }
}

function mayPass(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}
