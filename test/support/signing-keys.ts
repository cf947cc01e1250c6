// Keys of an auth server that a test holds: signs JWTs as Better Auth's jwt plugin does, and answers for the public halves.
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from "jose";
import type { KeySetAnswer, KeySource } from "../../auth/ports.ts";
import { NOW_S } from "./hostile-token.ts";
import { GATEWAY_ORIGIN } from "./occasion.ts";
import { SESSION_TOKEN } from "./session-token.ts";

/** Claims that are good at `NOW_MS`, as `/token` writes them. */
const CLAIMS = {
  iat: NOW_S - 10,
  id: "user-1",
  name: "A user",
  email: "user-1@example.test",
  sub: "user-1",
  exp: NOW_S + 890,
  iss: GATEWAY_ORIGIN,
  aud: GATEWAY_ORIGIN,
};

export const SESSION_CACHE_TYPE = "better-auth.session-cache+jwt";

/** One key pair, and a source that answers with it until told otherwise. */
export class SigningKeys {
  readonly jwk: JWK & { readonly alg: string; readonly kid: string };
  readonly #privateKey: CryptoKey;
  /** Origins that were asked for. */
  readonly questions: string[] = [];
  answer: KeySetAnswer | Promise<KeySetAnswer>;

  private constructor(jwk: SigningKeys["jwk"], privateKey: CryptoKey) {
    this.jwk = jwk;
    this.#privateKey = privateKey;
    this.answer = { kind: "keys", keySet: { keys: [jwk] } };
  }

  static async make(alg: string, kid = `key-of-${alg}`): Promise<SigningKeys> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    return new SigningKeys({ ...(await exportJWK(publicKey)), alg, kid }, privateKey);
  }

  readonly source: KeySource = {
    issuerOf: (gatewayOrigin) => gatewayOrigin,
    ask: (gatewayOrigin) => {
      this.questions.push(gatewayOrigin);
      return Promise.resolve(this.answer);
    },
  };

  /** An undefined value takes a claim away. */
  sign(claims: Record<string, unknown> = {}, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const { alg, kid } = this.jwk;
    return new SignJWT({ ...CLAIMS, ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(this.#privateKey);
  }

  /** The cookie cache as the plugin signs it: the claims of a session, and what stands outside of it. */
  signSession(claims: Record<string, unknown>, typ: string | null = SESSION_CACHE_TYPE): Promise<string> {
    const outside = { sub: "user-1", sid: SESSION_TOKEN, iss: GATEWAY_ORIGIN, aud: "better-auth:session-cache" };
    const { alg, kid } = this.jwk;
    return new SignJWT({ ...outside, ...claims })
      .setProtectedHeader({ alg, kid, ...(typ === null ? {} : { typ }) })
      .sign(this.#privateKey);
  }
}
