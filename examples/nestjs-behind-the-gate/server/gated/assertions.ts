// Whether the gate's word is the gate's, and meant for this server; docs/UPSTREAMS.md says what is in it.
import { Inject, Injectable } from "@nestjs/common";
import { createRemoteJWKSet, jwtVerify } from "jose";

/** From this server's own configuration, never from what comes in. */
export interface Gate {
  /** As clients name it, such as `https://streams.example.com`. */
  readonly origin: string;
  /** This server, letter for letter as the gate's route names it. */
  readonly audience: string;
}

/** Under which the one gate is provided. */
export const GATE = Symbol("the gate");

@Injectable()
export class Assertions {
  readonly #gate: Gate;
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(@Inject(GATE) gate: Gate) {
    this.#gate = gate;
    this.#keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", gate.origin));
  }

  /**
   * The id of who asks. Rejects for whatever is not the gate's word, and where its keys cannot be had.
   * @param assertion the header `X-Auth-Assertion`; the header beside it that names the same id proves nothing
   */
  async userIdIn(assertion: unknown): Promise<string> {
    const { payload } = await jwtVerify(String(assertion), this.#keys, {
      algorithms: ["EdDSA"],
      typ: "sluice-assertion+jwt",
      issuer: this.#gate.origin,
      audience: this.#gate.audience,
      requiredClaims: ["sub", "iat", "exp"],
      maxTokenAge: 60,
      clockTolerance: 5,
    });
    return String(payload.sub);
  }
}
