// What the variables alone show, before anybody was asked. Pure.
import type { ConfigReport } from "../../worker/config.ts";
import type { Deployment } from "./deployment.ts";
import { advice, type Finding, ok, wrong } from "./finding.ts";

const SECRET = "BETTER_AUTH_SECRET";
const SECRETS = "BETTER_AUTH_SECRETS";
const RATE_LIMITS = ["CONNECT_LIMIT", "FAILURE_LIMIT"];
/** How long an old secret is needed at most: sessions that it signed last a week by default. */
const OLD_SECRET_LIFE_MS = 7 * 86_400_000;

/** @param gatewayIsReady the deployed gateway has all it needs, whatever this machine knows of it */
export function configurationFindings(
  deployment: Deployment,
  report: ConfigReport,
  gatewayIsReady: boolean,
  nowMs: number,
): readonly Finding[] {
  return [
    ...problemFindings(deployment, report, gatewayIsReady),
    ...sourceFindings(deployment),
    ...rotationFindings(report, nowMs),
    ...operatorFindings(deployment, report),
    ...publicFindings(deployment, report),
  ];
}

function problemFindings(
  { variables, environment }: Deployment,
  { problems }: ConfigReport,
  gatewayIsReady: boolean,
): readonly Finding[] {
  const flag = environment === undefined ? "" : ` --env ${environment}`;
  const findings = problems.map(({ variable, message }) => {
    if (variable !== SECRET || variables[SECRET] !== undefined) {
      return wrong(variable, message, `correct ${variable}, and the gate opens when /ready answers 200`);
    }
    const here = `${SECRET}=… npm run doctor${flag === "" ? "" : ` --${flag}`}`;
    return gatewayIsReady
      ? advice(SECRET, "is not known here, so that no token was verified with it", `for the whole check: ${here}`)
      : wrong(SECRET, message, `npx wrangler secret put ${SECRET}${flag}; for this check: ${here}`);
  });
  return findings.length > 0 ? findings : [ok("variables", "each is one that the gateway takes")];
}

function sourceFindings({ elsewhere }: Deployment): readonly Finding[] {
  if (elsewhere.size === 0) return [];
  const named = [...elsewhere].map(([name, source]) => `${name} from ${source}`).join(", ");
  return [ok("variables", `not in the configuration's file: ${named}`)];
}

function rotationFindings({ config }: ConfigReport, nowMs: number): readonly Finding[] {
  const [, ...old] = config.auth.secrets;
  const findings: Finding[] = [];
  if (old.some(({ endsAtMs }) => endsAtMs === undefined)) {
    const day = new Date(nowMs + OLD_SECRET_LIFE_MS).toISOString().slice(0, 10);
    const change = `end it in ${SECRETS}, as in 1:<old>@${day}, and take away ${SECRET} where it is the old one`;
    findings.push(advice(SECRETS, "an old secret opens the gate without an end", change));
  }
  if (old.some(({ endsAtMs }) => endsAtMs !== undefined && endsAtMs <= nowMs)) {
    findings.push(advice(SECRETS, "holds a secret that has ended", `take it out of ${SECRETS}`));
  }
  return findings;
}

function operatorFindings(
  { environment, bindings, variables }: Deployment,
  { config }: ConfigReport,
): readonly Finding[] {
  const findings: Finding[] = [];
  const hasAdmin = config.auth.adminKey !== undefined || config.auth.apiKeys.some(({ adminOf }) => adminOf.length > 0);
  if (!hasAdmin && (variables["ADMIN_KEY"] ?? "") === "") {
    const flag = environment === undefined ? "" : ` --env ${environment}`;
    const change = `npx wrangler secret put ADMIN_KEY${flag}, at least 24 random characters`;
    findings.push(advice("ADMIN_KEY", "is not set here: nobody could end a session or drain a stream", change));
  }
  const unbound = RATE_LIMITS.filter((name) => !bindings.has(name));
  if (unbound.length > 0) {
    const table = environment === undefined ? "ratelimits" : `env.${environment}.ratelimits`;
    const change = `[[${table}]] in wrangler.toml, with name = "${unbound.join('" and name = "')}"`;
    findings.push(advice("rate limits", `${unbound.join(" and ")} not bound: nobody is slowed down`, change));
  }
  return findings;
}

function publicFindings({ environment, origin }: Deployment, { config }: ConfigReport): readonly Finding[] {
  if (environment === undefined) return [];
  const findings: Finding[] = [];
  if (config.auth.credentialPlaces.query === "all") {
    const seen = "takes tokens from URLs, which are logged on the way";
    findings.push(advice("QUERY_CREDENTIALS", seen, "QUERY_CREDENTIALS=tickets"));
  }
  if (origin?.endsWith(".example.com") === true) {
    const change = `your own in env.${environment}.routes of wrangler.toml`;
    findings.push(advice("routes", `${origin} is the address of an example`, change));
  }
  return findings;
}
