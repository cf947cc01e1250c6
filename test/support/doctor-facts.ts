// A deployment, an auth server and tokens as the doctor would find them, each fact to be changed by a test.
import type { AuthFailure } from "../../auth/failure.ts";
import type { TokenKind } from "../../auth/verifier.ts";
import type { Answer } from "../../scripts/doctor/ask.ts";
import type { Deployment } from "../../scripts/doctor/deployment.ts";
import type { Finding } from "../../scripts/doctor/finding.ts";
import type { Sample } from "../../scripts/doctor/sign-in.ts";
import type { Accepted, Trial } from "../../scripts/doctor/trial.ts";
import { type Config, readConfig } from "../../worker/config.ts";
import { TEST_SECRET } from "./session-token.ts";

export function deploymentOf(changes: Partial<Deployment> = {}): Deployment {
  return {
    environment: undefined,
    elsewhere: new Map(),
    bindings: new Set(["CONNECT_LIMIT", "FAILURE_LIMIT"]),
    origin: undefined,
    ...changes,
    variables: { BETTER_AUTH_SECRET: TEST_SECRET, ADMIN_KEY: "an-admin-key-of-24-chars", ...changes.variables },
  };
}

export function configOf(variables: Readonly<Record<string, unknown>> = {}): Config {
  return readConfig(deploymentOf({ variables }).variables).config;
}

export function answerOf(status: number, body?: unknown, clockAheadMs = 0): Answer {
  return { kind: "answer", status, headers: new Headers(), body, clockAheadMs };
}

export function accepted(kind: TokenKind, outcome: Partial<Accepted> = {}): Trial {
  const lives = { tokenLifeS: kind === "session-token" ? undefined : 300, sessionLeftS: 604_800 };
  return trialOf(kind, { kind: "accepted", byCurrentSecret: true, ...lives, ...outcome });
}

export function refused(kind: TokenKind, failure: AuthFailure, sample: Partial<Sample> = {}): Trial {
  return trialOf(kind, { kind: "refused", failure, byDefaultSecret: false }, sample);
}

function trialOf(kind: TokenKind, outcome: Trial["outcome"], sample: Partial<Sample> = {}): Trial {
  return {
    sample: { name: "session_data", token: "not looked at", slot: "cookie", ...sample },
    facts: { kind, version: undefined, issuer: undefined },
    outcome,
  };
}

/** `level about`, and behind it what to change where something is. */
export function linesOf(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ level, about, change }) => `${level} ${about}${change === undefined ? "" : `: ${change}`}`);
}
