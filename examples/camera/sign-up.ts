// A new user at the auth server behind the gate, and the token that it issued.
import { randomUUID } from "node:crypto";

const SESSION_COOKIE = "better-auth.session_data";

export interface SignedUp {
  readonly email: string;
  /** Of an account that was made for this run, so that a person can sign in as it and look. */
  readonly password: string;
  /** Better Auth's cookie-cache JWT, which the gateway verifies by itself. */
  readonly token: string;
}

/** Rejects with a sentence for the person at the terminal. */
export async function signUp(gateway: URL): Promise<SignedUp> {
  const email = `camera-${randomUUID()}@example.test`;
  const password = randomUUID();
  const response = await fetch(new URL("/api/auth/sign-up/email", gateway), {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: gateway.origin },
    body: JSON.stringify({ name: "A camera", email, password }),
  });
  if (response.status === 429) throw new Error("the auth server takes three sign-ups in ten seconds; try again soon");
  if (!response.ok) throw new Error(`the auth server at ${gateway.origin}/api/auth answered ${response.status}`);
  const token = cookieValue(response.headers.getSetCookie(), SESSION_COOKIE);
  if (token === undefined) throw new Error(`the auth server set no cookie ${SESSION_COOKIE}; is its cookie cache on?`);
  return { email, password, token };
}

export function cookieValue(setCookies: readonly string[], name: string): string | undefined {
  const prefix = `${name}=`;
  const cookie = setCookies.find((line) => line.startsWith(prefix));
  return cookie?.slice(prefix.length).split(";", 1)[0];
}
