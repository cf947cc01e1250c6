// All that a real Better Auth hands out beside sessions: mails, cookies of other steps, tokens of its plugins.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { symmetricEncodeJWT } from "better-auth/crypto";
import { toNodeHandler } from "better-auth/node";
import { bearer, jwt, magicLink, oneTimeToken, twoFactor } from "better-auth/plugins";
import { REAL_USER, type RealAuth, startBetterAuth } from "./better-auth.ts";
import { TEST_SECRET } from "./session-token.ts";

/** The address that somebody else has, or will have. */
export const VICTIM = "victim@example.test";

export interface Artefacts {
  readonly url: string;
  /** By what they are; none of them is a session. */
  readonly values: Readonly<Record<string, string>>;
  /** The session of who was handed all this. */
  readonly session: { readonly userId: string; readonly jwt: string; readonly signedToken: string };
  /** A JWT that the auth server's key signed. */
  readonly keySigned: string;
  readonly stop: () => void;
}

export async function startArtefacts(): Promise<Artefacts> {
  let auth: RealAuth | undefined;
  const server = createServer((request, response) => {
    if (auth === undefined) response.writeHead(503).end();
    else void toNodeHandler(auth.handler)(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const mails: string[] = [];
  const mail = ({ token }: { readonly token: string }): Promise<void> => Promise.resolve(void mails.push(token));
  auth = startBetterAuth(
    { strategy: "jwt" },
    {
      baseURL: url,
      emailAndPassword: { enabled: true, sendResetPassword: mail },
      emailVerification: { sendVerificationEmail: mail, sendOnSignUp: true },
      user: { changeEmail: { enabled: true } },
      socialProviders: { github: { clientId: "id", clientSecret: "secret" } },
      plugins: [
        bearer(),
        jwt(),
        oneTimeToken(),
        magicLink({ sendMagicLink: mail }),
        twoFactor({ skipVerificationOnEnable: true }),
      ],
    },
  );
  return { url, stop: () => server.close(), ...(await collect(auth, mails)) };
}

async function collect(auth: RealAuth, mails: string[]): Promise<Omit<Artefacts, "url" | "stop">> {
  const { userId, sessionData, cookie } = await auth.signUp();
  const nextMail = async (response: Promise<Response>): Promise<string> => {
    await expectOk(response);
    return mails.shift() ?? "";
  };
  const verification = mails.shift() ?? "";
  const change = await nextMail(auth.post("/change-email", { newEmail: VICTIM }, cookie));
  const reset = await nextMail(auth.post("/request-password-reset", { email: REAL_USER.email }));
  const link = await nextMail(auth.post("/sign-in/magic-link", { email: REAL_USER.email }));
  const oneTime = (await (await expectOk(auth.get("/one-time-token/generate", cookie))).json()) as { token: string };
  const plugin = (await (await expectOk(auth.get("/token", cookie))).json()) as { token: string };
  const social = await expectOk(auth.post("/sign-in/social", { provider: "github" }));
  const forgetful = await expectOk(auth.post("/sign-in/email", { ...REAL_USER, rememberMe: false }));
  // Last, as it ends the session for another one, and from then on a password alone signs nobody in.
  const enabled = await expectOk(auth.post("/two-factor/enable", { password: REAL_USER.password }, cookie));
  const halfWay = await expectOk(auth.post("/sign-in/email", REAL_USER));
  const account = { accountId: "a-1", userId, providerId: "github", accessToken: "secret" };
  return {
    keySigned: plugin.token,
    session: { userId, jwt: sessionData, signedToken: cookieOf(setCookies(enabled), "session_token") },
    values: {
      "the token of a mail that verifies an address": verification,
      "the token of a mail that gives its user a victim's address": change,
      "the token of a mail that resets a password": reset,
      "the token of a mail that signs in": link,
      "a one-time token": oneTime.token,
      "the cookie of a sign-in over another site": cookieOf(setCookies(social), "state"),
      "the cookie that says not to remember": cookieOf(setCookies(forgetful), "dont_remember"),
      "the cookie between password and second factor": cookieOf(setCookies(halfWay), "two_factor"),
      "the cookie of an account's own tokens": await symmetricEncodeJWT(
        account,
        TEST_SECRET,
        "better-auth-account",
        300,
      ),
    },
  };
}

async function expectOk(response: Promise<Response>): Promise<Response> {
  const { ok, status, url } = await response;
  if (!ok) throw new Error(`${url} answered ${status}: ${await (await response).text()}`);
  return response;
}

function setCookies({ headers }: Response): string {
  return headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0])
    .join("; ");
}

function cookieOf(cookies: string, name: string): string {
  const pair = cookies.split("; ").find((text) => text.startsWith(`better-auth.${name}=`)) ?? "";
  return decodeURIComponent(pair.slice(pair.indexOf("=") + 1));
}
