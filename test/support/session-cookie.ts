// Opaque session tokens as Better Auth signs them into its cookies, and an auth server that a test holds.
import { createHmac } from "node:crypto";
import type { AuthServerAnswer, SessionToken } from "../../auth/ports.ts";
import { TEST_SECRET } from "./session-token.ts";

export const RAW_TOKEN = "uCDp1qsRThZSozgD5QydWPHzahZqoWpc";

/** `<token>.<signature>`, decoded. */
export function signedSessionToken(token = RAW_TOKEN, secret = TEST_SECRET): string {
  return `${token}.${createHmac("sha256", secret).update(token).digest("base64")}`;
}

/** Answers what it was told to, when it was told to, and remembers what it was asked. */
export class FakeAuthServer {
  readonly questions: { readonly token: SessionToken; readonly origin: string }[] = [];
  answer: AuthServerAnswer | Promise<AuthServerAnswer> = { kind: "none" };

  readonly ask = (token: SessionToken, origin: string): Promise<AuthServerAnswer> => {
    this.questions.push({ token, origin });
    return Promise.resolve(this.answer);
  };
}
