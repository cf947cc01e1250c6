// Whether an assertion, which is the gateway's own word to others, ever opens a door of the gateway itself.
import { describe, expect, test } from "vitest";
import { ASSERTION_TYPE } from "../../auth/assertion.ts";
import { composeAuthenticator } from "../../auth/compose.ts";
import { readAuthConfig } from "../../auth/config.ts";
import type { Slot } from "../../auth/credential.ts";
import { makeAssertionMint } from "../../auth/mint.ts";
import { VariableReader } from "../../auth/variables.ts";
import { assertionWith } from "../support/assertions.ts";
import { handMadeToken, NOW_MS } from "../support/hostile-token.ts";
import { GATEWAY_ORIGIN, occasionAt } from "../support/occasion.ts";
import { FakeAuthServer } from "../support/session-cookie.ts";
import { sessionPayload, TEST_SECRET } from "../support/session-token.ts";
import { SigningKeys } from "../support/signing-keys.ts";

const SLOTS: readonly Slot[] = ["any-token", "query", "cookie", "api-key", "ticket"];
const config = readAuthConfig(new VariableReader({ BETTER_AUTH_SECRET: TEST_SECRET }));
const mint = makeAssertionMint(config.assertionKeys, config.secrets);
/** To an upstream that is named like the gateway, so that `iss` and `aud` are what a JWT of the auth server has. */
const ASSERTION = await mint.sign(assertionWith({ audience: GATEWAY_ORIGIN }));

/** With all kinds, an auth server that knows every session, and one that published these keys. */
function authenticatorWith(keys: SigningKeys) {
  const server = new FakeAuthServer();
  const { session, user } = sessionPayload({ nowMs: NOW_MS });
  server.answer = { kind: "session", session, user };
  return composeAuthenticator(config, server.ask, keys.source);
}

describe.each(SLOTS)("in the place of a credential (%s)", (slot) => {
  test("is refused", async () => {
    const refused = await authenticatorWith(await SigningKeys.make("EdDSA"))(ASSERTION, slot, occasionAt());
    expect(refused).not.toHaveProperty("kind");
  });

  test("is refused where the auth server published the gateway's key as its own", async () => {
    const keys = await SigningKeys.make("EdDSA");
    keys.answer = { kind: "keys", keySet: { keys: await mint.publicKeys(NOW_MS) } };
    expect(await authenticatorWith(keys)(ASSERTION, slot, occasionAt())).not.toHaveProperty("kind");
  });
});

test("its `typ` alone keeps it out, whatever it says and whoever signed it", async () => {
  const keys = await SigningKeys.make("EdDSA");
  const authenticate = authenticatorWith(keys);
  expect(await authenticate(await keys.sign(), "any-token", occasionAt())).toHaveProperty("kind");
  const typed = { reason: "header-refused" };
  expect(await authenticate(await keys.sign({}, { typ: ASSERTION_TYPE }), "any-token", occasionAt())).toEqual(typed);
  const bySecret = handMadeToken({ header: JSON.stringify({ alg: "HS256", typ: ASSERTION_TYPE }) });
  expect(await authenticate(bySecret, "any-token", occasionAt())).toEqual(typed);
});
