// What a token is taken for by its form, whatever stands in it.
import { expect, test } from "vitest";
import { formOf } from "../../auth/token-form.ts";
import { encode } from "../support/hostile-token.ts";

test.each([
  ["eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "signed-by-secret"],
  ["eyJ..", "signed-by-secret"],
  [`${encode('{"alg":"EdDSA"}')}.e30.c2ln`, "signed-by-key"],
  [`${encode('{"alg":"ES256","kid":"k"}')}..`, "signed-by-key"],
  [`${encode('{"alg":"ES512"}')}.e30.c2ln`, "signed-by-key"],
  [`${encode('{"alg":"PS256"}')}.e30.c2ln`, "signed-by-key"],
  [`${encode('{"alg":"RS256"}')}.e30.c2ln`, "signed-by-key"],
  [`${encode('{"alg":"rs256"}')}.e30.c2ln`, "signed-by-secret"],
  [`${encode('{"alg":["RS256"]}')}.e30.c2ln`, "signed-by-secret"],
  [`${encode('{"alg":"none"}')}.e30.`, "signed-by-secret"],
  [`${encode('{"alg":"RS256"}')}=.e30.c2ln`, "signed-by-secret"],
  [`${encode('{"alg":"HS256","typ":"sluice-ticket+jwt"}')}.e30.c2ln`, "ticket"],
  [`${encode('{"alg":"none","typ":"sluice-ticket+jwt"}')}..`, "ticket"],
  [`${encode('{"alg":"EdDSA","typ":"sluice-ticket+jwt"}')}.e30.c2ln`, "signed-by-key"],
  [`${encode('{"alg":"HS256","typ":["sluice-ticket+jwt"]}')}.e30.c2ln`, "signed-by-secret"],
  [`${encode('{"alg":"HS256","typ":"sluice-ticket"}')}.e30.c2ln`, "signed-by-secret"],
  [`${encode('{"alg":"HS256","typ":"sluice-ticket+jwt"}')}=.e30.c2ln`, "signed-by-secret"],
  ["eyJhbGciOiJkaXIifQ..aXY.dGV4dA.dGFn", "encrypted"],
  ["eyJhbGciOiJkaXIifQ.a2V5.aXY.dGV4dA.dGFn", "encrypted"],
  ["eyJ....", "encrypted"],
  ["eyJzZXNzaW9uIjp7InNlc3Npb24iOnt9fX0", "compact"],
  ["eyJzZXNzaW9uIjp7", "compact"],
  ["eyJzZXNzaW9uIjp7.b.c", "signed-by-secret"],
  ["eyJzZXNzaW9uIjp7.b", "opaque"],
  ["eyJzZXNzaW9uIjpu", "opaque"],
  ["eyJ", "opaque"],
  ["eyJ.", "opaque"],
  ["eyJ...", "opaque"],
  ["eyJ.....", "opaque"],
  ["a.b.c", "opaque"],
  ["a.b.c.d.e", "opaque"],
  ["a.eyJ.c", "opaque"],
  [" eyJ.b.c", "opaque"],
  ["uCDp1qsRThZSozgD5QydWPHzahZqoWpc", "opaque"],
  ["", "opaque"],
])("%j is %s", (token, form) => {
  expect(formOf(token)).toBe(form);
});
