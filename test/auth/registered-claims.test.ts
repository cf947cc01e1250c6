// Who issued a token and for whom; its times are tried with the claims of sessions.
import { expect, test } from "vitest";
import { checkParties } from "../../auth/registered-claims.ts";

const NONE = { issuer: undefined, audience: undefined };
const BOTH = { issuer: "https://issuer.test", audience: "streams" };

test.each([
  [{ iss: BOTH.issuer, aud: "streams" }, BOTH, undefined],
  [{ iss: BOTH.issuer, aud: ["other", "streams"] }, BOTH, undefined],
  [{}, NONE, undefined],
  [{ iss: "anybody" }, NONE, undefined],
  [{ aud: "anybody" }, NONE, "aud"],
  [{ aud: ["anybody"] }, NONE, "aud"],
  [{ aud: [] }, NONE, "aud"],
  [{ aud: "" }, NONE, "aud"],
  [{ aud: null }, NONE, "aud"],
  [{ iss: "anybody", aud: "streams" }, { ...NONE, audience: "streams" }, undefined],
  [{ aud: "streams" }, BOTH, "iss"],
  [{ iss: "https://issuer.test/", aud: "streams" }, BOTH, "iss"],
  [{ iss: [BOTH.issuer], aud: "streams" }, BOTH, "iss"],
  [{ iss: null, aud: "streams" }, BOTH, "iss"],
  [{ iss: BOTH.issuer }, BOTH, "aud"],
  [{ iss: BOTH.issuer, aud: "streams2" }, BOTH, "aud"],
  [{ iss: BOTH.issuer, aud: [] }, BOTH, "aud"],
  [{ iss: BOTH.issuer, aud: ["other"] }, BOTH, "aud"],
  [{ iss: BOTH.issuer, aud: ["streams", 5] }, BOTH, "aud"],
  [{ iss: BOTH.issuer, aud: { streams: 1 } }, BOTH, "aud"],
])("of %j, where %j is demanded, %j is wrong", (payload, demanded, claim) => {
  const fault = claim === undefined ? undefined : { reason: "claims-invalid", claim };
  expect(checkParties(payload, demanded)).toEqual(fault);
});
