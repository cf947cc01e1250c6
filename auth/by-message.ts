// The token of an `auth` message, whether it opens a connection or renews its session.
import { TOKEN_MAX_CHARS } from "../protocol/limits.ts";
import { type Authenticated, type Authenticator, isAuthenticated } from "./authenticator.ts";
import { type PublicFailure, toPublic } from "./failure.ts";
import type { Occasion } from "./verifier.ts";

/** Who it says it is, or why not, in the words that may leave the process. Never rejects for what a client sent. */
export async function authenticateByMessage(
  authenticate: Authenticator,
  token: string,
  occasion: Occasion,
): Promise<Authenticated | PublicFailure> {
  if (token.length > TOKEN_MAX_CHARS) return toPublic({ reason: "too-long" });
  const result = await authenticate(token, "any-token", occasion);
  return isAuthenticated(result) ? result : toPublic(result);
}
