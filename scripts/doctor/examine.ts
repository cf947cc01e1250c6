// The whole examination: what is configured, what the auth server says, whether its tokens open the gate, what could be safer.
import { type ConfigReport, readConfig } from "../../worker/config.ts";
import {
  addressFindings,
  askAuthServer,
  type AuthServerFacts,
  authServerFindings,
  isReached,
  keyCount,
} from "./auth-server.ts";
import { configurationFindings } from "./configuration.ts";
import { cookieFindings } from "./cookie-findings.ts";
import { type Deployment, knownVariables, readDeployment } from "./deployment.ts";
import { advice, type Finding, wrong } from "./finding.ts";
import { askGateway, gatewayFindings, isReady, showToken, shownFinding } from "./gateway.ts";
import { askKeySet, keySetFinding, kidHere } from "./key-set.ts";
import { recommendations } from "./recommendations.ts";
import { type Account, prefixOf, type Sample, type SignedIn, signIn, signOut } from "./sign-in.ts";
import { trialFindings } from "./token-findings.ts";
import { type Trial, tryToken } from "./trial.ts";

export interface Request {
  /** Of the wrangler.toml. */
  readonly configPath: string;
  readonly environment: string | undefined;
  /** Of the gateway that is deployed. */
  readonly gateway: URL | undefined;
  /** Of the auth server, with or without its path. */
  readonly authServer: URL | undefined;
  readonly token: string | undefined;
  readonly account: Account | undefined;
}

/** What is known before a token is tried. */
interface Case {
  readonly deployment: Deployment;
  readonly report: ConfigReport;
  readonly authServer: AuthServerFacts | undefined;
  /** Undefined where nobody said. */
  readonly gatewayOrigin: string | undefined;
  readonly asksAuthServer: boolean;
}

const NO_TOKEN = advice(
  "tokens",
  "none was tried: whether secrets, prefix and versions fit is not known",
  "--email and --password of an account, or --token with what a client has; and BETTER_AUTH_SECRET, to try them here",
);
const NO_AUTH_SERVER = wrong(
  "auth server",
  "nobody says where it is: neither --auth, nor BETTER_AUTH_URL, nor a binding AUTH and --gateway",
  "--auth https://app.example; and BETTER_AUTH_URL or AUTH, where session tokens or its keys are to be taken",
);

export async function examine(request: Request): Promise<readonly Finding[]> {
  const deployment = readDeployment(request.configPath, request.environment);
  if ("kind" in deployment) return [wrong("wrangler.toml", deployment.why, "correct it, or --env and --config")];
  const report = readConfig(deployment.variables);
  const { authServer: configured } = report.config.auth;
  const isBound = deployment.bindings.has("AUTH");
  const gateway = request.gateway && (await askGateway(request.gateway.origin, configured.path));
  const address = request.authServer?.href ?? configured.url ?? (isBound ? gateway?.origin : undefined);
  const authServer = address === undefined ? undefined : await askAuthServer(address, configured.path);
  const known: Case = {
    deployment,
    report,
    authServer,
    gatewayOrigin: gateway?.origin ?? deployment.origin,
    asksAuthServer: isBound || configured.url !== undefined,
  };
  const pathIsInUrl = address !== undefined && new URL(address).pathname !== "/";
  return [
    ...configurationFindings(deployment, report, gateway !== undefined && isReady(gateway), Date.now()),
    ...(gateway === undefined ? [] : gatewayFindings(gateway, isBound)),
    ...(gateway !== undefined && isReady(gateway) ? [await examineKeySet(gateway.origin, report)] : []),
    ...(authServer === undefined ? [NO_AUTH_SERVER] : authServerFindings(authServer, pathIsInUrl)),
    ...(authServer === undefined ? [] : addressFindings(authServer.base, { url: configured.url, isBound })),
    ...(await examineTokens(request, known)),
  ];
}

async function examineKeySet(origin: string, { config }: ConfigReport): Promise<Finding> {
  const [answer, kid] = await Promise.all([askKeySet(origin), kidHere(config.auth, Date.now())]);
  return keySetFinding(answer, kid);
}

async function examineTokens({ token, account, gateway }: Request, known: Case): Promise<readonly Finding[]> {
  const { authServer } = known;
  const isAsked = account !== undefined && authServer !== undefined && isReached(authServer);
  const visit = isAsked ? await signIn(authServer.base, account, keyCount(authServer) !== undefined) : undefined;
  const signedIn = visit?.kind === "signed-in" ? visit : undefined;
  const given: Sample[] = token === undefined ? [] : [{ name: "--token", token, slot: "any-token" }];
  const samples = [...given, ...(signedIn?.samples ?? [])];
  const trials = await tryAll(samples, signedIn, known);
  const nowMs = Date.now();
  const findings = trials.flatMap((trial) => trialFindings(trial, tokenContextOf(known, nowMs)));
  if (gateway !== undefined) {
    for (const sample of samples) {
      const trial = trials.find((candidate) => candidate.sample === sample);
      const finding = shownFinding(await showToken(gateway.origin, sample), sample, trial?.outcome);
      if (finding !== undefined) findings.push(finding);
    }
  }
  const cookies = signedIn === undefined ? [] : cookieFindings(signedIn.cookies, adviceContextOf(known));
  const refused = visit?.kind === "not-signed-in" ? [visit.finding] : [];
  const isTried = trials.length > 0 || refused.length > 0 || (gateway !== undefined && samples.length > 0);
  const untried = isTried ? [] : [NO_TOKEN];
  // Last of all that needs the session.
  const signedOut = signedIn && authServer ? [await signOut(authServer.base, signedIn)] : [];
  return [
    ...untried,
    ...refused,
    ...cookies,
    ...findings,
    ...signedOut,
    ...recommendations(trials, adviceContextOf(known)),
  ];
}

/** None where no secret may be used: each would only be refused. */
async function tryAll(
  samples: readonly Sample[],
  signedIn: SignedIn | undefined,
  { report: { config }, authServer, gatewayOrigin, asksAuthServer }: Case,
): Promise<readonly Trial[]> {
  if (config.auth.secrets.length === 0) return [];
  // A prefix that differs was found already; the tokens are tried as if it were right.
  const { credentialPlaces } = config.auth;
  const cookiePrefix = prefixOf(signedIn?.cookies ?? []) ?? credentialPlaces.cookiePrefix;
  const surroundings = {
    config: { ...config, auth: { ...config.auth, credentialPlaces: { ...credentialPlaces, cookiePrefix } } },
    authServerBase: asksAuthServer ? authServer?.base : undefined,
    gatewayOrigin: gatewayOrigin ?? originOf(authServer) ?? "https://gateway.invalid",
  };
  return Promise.all(samples.map((sample) => tryToken(sample, surroundings, Date.now())));
}

function tokenContextOf(
  { deployment, report: { config }, authServer, gatewayOrigin, asksAuthServer }: Case,
  nowMs: number,
) {
  const { url } = config.auth.authServer;
  const source = deployment.elsewhere.get("BETTER_AUTH_SECRET") ?? deployment.elsewhere.get("BETTER_AUTH_SECRETS");
  return {
    config,
    nowMs,
    asksAuthServer,
    issuer: url === undefined ? (gatewayOrigin ?? originOf(authServer) ?? "") : new URL(url).origin,
    isLocalSecret: source === "the files .dev.vars or .env" && deployment.environment !== undefined,
    secretSource: source === undefined ? "the gateway's" : `that of ${source}`,
  };
}

function adviceContextOf({ deployment, report: { config }, authServer, gatewayOrigin, asksAuthServer }: Case) {
  const confirms = deployment.variables["CONFIRM_HS256"];
  return {
    config,
    knownVariables: knownVariables(),
    confirmsHs256: confirms === "true" || confirms === true,
    asksAuthServer,
    hasKeys: authServer && isReached(authServer) ? keyCount(authServer) !== undefined : undefined,
    authServerOrigin: originOf(authServer),
    gatewayOrigin,
  };
}

function originOf(authServer: AuthServerFacts | undefined): string | undefined {
  return authServer && new URL(authServer.base).origin;
}
