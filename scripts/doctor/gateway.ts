// Asks the deployed gateway, and compares what it does with what this machine expects of it.
import { isJsonObject } from "../../protocol/json.ts";
import { ask, type Answer, inWords } from "./ask.ts";
import { advice, type Finding, ok, wrong } from "./finding.ts";
import type { Sample } from "./sign-in.ts";
import type { Trial } from "./trial.ts";

export interface GatewayFacts {
  readonly origin: string;
  readonly health: Answer;
  readonly ready: Answer;
  /** Of the auth server, through the gateway. */
  readonly authServer: Answer;
}

/** @param authPath of the auth server behind it */
export async function askGateway(origin: string, authPath: string): Promise<GatewayFacts> {
  const [health, ready, authServer] = await Promise.all([
    ask(`${origin}/health`),
    ask(`${origin}/ready`),
    ask(`${origin}${authPath}/ok`),
  ]);
  return { origin, health, ready, authServer };
}

export function isReady({ ready }: GatewayFacts): boolean {
  return ready.kind === "answer" && ready.status === 200;
}

/** A header takes what a cookie would hold, and no `Origin` is looked at. */
export function showToken(origin: string, { token }: Sample): Promise<Answer> {
  return ask(`${origin}/streams`, { headers: { Authorization: `Bearer ${token}` } });
}

/** @param isBound whether the deployment binds the auth server as AUTH */
export function gatewayFindings(facts: GatewayFacts, isBound: boolean): readonly Finding[] {
  const { origin, health, ready, authServer } = facts;
  if (health.kind === "none" || health.status !== 200) {
    return [wrong("gateway", `${origin}/health ${inWords(health)}`, "deploy it, or name its address with --gateway")];
  }
  const findings = [ok("gateway", `${origin}/health answers`), ...readyFindings(ready)];
  if (authServer.kind === "answer" && authServer.status === 200) {
    findings.push(ok("gateway", "the auth server answers through it"));
  } else if (isBound) {
    const seen = `the auth server behind it ${inWords(authServer)}`;
    findings.push(wrong("gateway", seen, "bind the auth server as AUTH and deploy both; AUTH_PATH is its basePath"));
  }
  return findings;
}

function readyFindings(ready: Answer): readonly Finding[] {
  if (ready.kind === "answer" && ready.status === 200) return [ok("gateway", "/ready answers: it is configured")];
  const problems = ready.kind === "answer" && isJsonObject(ready.body) ? ready.body["problems"] : undefined;
  const findings = Array.isArray(problems) ? problems.filter(isJsonObject).map(problemOf) : [];
  return findings.length > 0
    ? findings
    : [wrong("gateway", `/ready ${inWords(ready)}`, "deploy the gateway as it is checked out here")];
}

function problemOf({ variable, message }: Readonly<Record<string, unknown>>): Finding {
  const name = String(variable);
  return wrong(name, `at the deployed gateway: ${String(message)}`, `correct ${name} there, and deploy`);
}

/** @param here what became of the token on this machine; undefined where the secrets are not known here */
export function shownFinding(
  answer: Answer,
  { name }: Sample,
  here: Trial["outcome"] | undefined,
): Finding | undefined {
  const about = `${name} at the gateway`;
  const isTaken = answer.kind === "answer" && answer.status === 200;
  if (isTaken && here?.kind === "refused") {
    return wrong(about, "opens it, and not here", "deploy what is configured here, or check with its secrets");
  }
  if (isTaken) return ok(about, "opens it");
  if (here?.kind === "refused") return undefined; // that was told already, with its reason
  const isRefused = answer.kind === "answer" && answer.status === 401;
  const seen = `the gateway ${inWords(answer)}`;
  if (!isRefused) return wrong(about, seen, "see its /ready, and whether it reaches the auth server");
  return here === undefined
    ? advice(about, seen, "give this command the deployment's secrets, and it says why")
    : wrong(about, seen, "deploy what is configured here, and its secrets: those of the deployed one differ");
}
