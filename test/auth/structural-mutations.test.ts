// Whether a good session token stays good under none of the changes that Wycheproof's vectors make to theirs.
import { expect, test } from "vitest";
import { sessionJwtVerifier } from "../../auth/verifiers/session-jwt.ts";
import { mutationsOfSession } from "../support/mutations.ts";
import { occasionAt } from "../support/occasion.ts";
import { TEST_SECRET } from "../support/session-token.ts";
import { timedKey } from "../support/timed-key.ts";
import { allVectorsOf, MISLABELLED } from "../support/wycheproof.ts";

const { good, mutations } = mutationsOfSession();
const RULES = { cacheVersion: "1", maxTokenLifetimeS: 604_800 };
const verify = sessionJwtVerifier([await timedKey(TEST_SECRET)], RULES, new Set(["session-jwt", "session-jwt-flat"]));

test("the token is good before it is changed", async () => {
  expect(await verify(good, occasionAt())).toMatchObject({ kind: "verified" });
});

test.each(mutations)("$tcId: with $what it is refused", async ({ token }) => {
  expect(token).not.toBe(good);
  expect(await verify(token, occasionAt())).toHaveProperty("reason");
});

test("each vector that changes a token has its counterpart here, those with a wrong label too", () => {
  const changing = allVectorsOf("HS256")
    .map(({ vector }) => vector)
    .filter(({ result, tcId }) => result === "invalid" || MISLABELLED.has(tcId));
  const known = new Set(mutations.map(({ tcId }) => tcId));
  expect(changing.map(({ tcId }) => tcId).filter((tcId) => !known.has(tcId))).toEqual([]);
});
