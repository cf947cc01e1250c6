// The token of an `auth` message, whether it opens a connection or renews its session.
import { TOKEN_MAX_CHARS } from "../protocol/limits.ts";
import type { Authenticated, Authenticator } from "./authenticator.ts";
import type { AuthFailure } from "./failure.ts";
import type { Occasion } from "./verifier.ts";

/** Never rejects for what a client sent. */
export async function authenticateByMessage(
  authenticate: Authenticator,
  token: string,
  occasion: Occasion,
): Promise<Authenticated | AuthFailure> {
  return token.length > TOKEN_MAX_CHARS ? { reason: "too-long" } : await authenticate(token, "any-token", occasion);
}
