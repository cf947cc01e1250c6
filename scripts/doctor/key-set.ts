// The keys that prove to upstreams what the gateway tells them: whether the deployed one lists, and signs with, what is configured here.
import type { AuthConfig } from "../../auth/config.ts";
import { makeAssertionMint } from "../../auth/mint.ts";
import { isJsonObject } from "../../protocol/json.ts";
import { type Answer, ask, inWords } from "./ask.ts";
import { advice, type Finding, ok, wrong } from "./finding.ts";

const PATH = "/.well-known/jwks.json";

export function askKeySet(origin: string): Promise<Answer> {
  return ask(`${origin}${PATH}`);
}

/** The name of the key that would sign here; undefined where its secret is not known here. */
export async function kidHere(config: AuthConfig, nowMs: number): Promise<string | undefined> {
  const { assertionKeys, secrets } = config;
  if (assertionKeys.length === 0 && secrets.length === 0) return undefined;
  const [signing] = await makeAssertionMint(assertionKeys, secrets).publicKeys(nowMs);
  return signing?.kid;
}

/** @param kid of the key that would sign here, where that is known */
export function keySetFinding(answer: Answer, kid: string | undefined): Finding {
  const about = "upstreams";
  const kids = kidsOf(answer);
  if (kids.length === 0) {
    const change = "deploy the gateway as it is checked out here: upstreams cannot verify who asks";
    return wrong(about, `${PATH} ${inWords(answer)} and lists no key`, change);
  }
  if (kid === undefined || kid === kids[0])
    return ok(about, `${PATH} lists ${kids.length} key${kids.length === 1 ? "" : "s"}`);
  const seen = kids.includes(kid)
    ? "signs with another key than the one that comes first here"
    : "does not list the key that signs here";
  return advice(
    about,
    `the gateway ${seen}`,
    "deploy what is configured here, or check with its ASSERTION_KEY and secrets",
  );
}

function kidsOf(answer: Answer): readonly string[] {
  const keys = answer.kind === "answer" && isJsonObject(answer.body) ? answer.body["keys"] : undefined;
  const jwks = Array.isArray(keys) ? keys.filter(isJsonObject) : [];
  return jwks.flatMap(({ kid }) => (typeof kid === "string" ? [kid] : []));
}
