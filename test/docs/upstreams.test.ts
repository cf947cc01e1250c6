// The code that docs/UPSTREAMS.md prints, taken out of it and run: what a real gateway signs is believed, and nothing else is.
import { execFile, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Assertion } from "../../auth/assertion.ts";
import { importSigningKey } from "../../auth/signing-key.ts";
import { ROOT } from "../../scripts/wrangler.ts";
import { type AssertingGateway, startAssertingGateway } from "../support/asserting-gateway.ts";
import { ANNA, AUDIENCE, ROBOT, seedOf } from "../support/assertions.ts";
import { signSession, TEST_SECRET } from "../support/session-token.ts";

/** Below the project, so that what the code imports is found. */
const PLACE = join(ROOT, "node_modules/.cache/upstreams");
const canRunPython = await promisify(execFile)("python3", ["-c", "import cryptography"]).then(
  () => true,
  () => false,
);

let gateway: AssertingGateway;
/** Before the gateway, to count how often it is asked for its keys. */
let front: Server;
let origin = "";
let questions = 0;

beforeAll(async () => {
  gateway = await startAssertingGateway();
  front = createServer((request, response) => {
    questions += 1;
    void passOn(request.url ?? "", response);
  });
  await new Promise<void>((resolve) => void front.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
});
afterAll(async () => {
  front.close();
  await gateway.stop();
});

async function passOn(path: string, response: ServerResponse): Promise<void> {
  const answer = await fetch(new URL(path, gateway.url));
  response.writeHead(answer.status).end(await answer.text());
}

/** The document's code in this language, for this gateway and this upstream. */
function printed(language: string): string {
  const blocks = readFileSync(`${ROOT}docs/UPSTREAMS.md`, "utf8").split("```");
  const code = blocks.find((block) => block.startsWith(`${language}\n`))?.slice(language.length) ?? "";
  const changed = code
    .replace('GATE = "https://streams.example.com"', `GATE = "${origin}"`)
    .replace('AUDIENCE = "https://api.example.com"', `AUDIENCE = "${AUDIENCE}"`);
  expect([changed.includes(origin), changed.includes(AUDIENCE)]).toEqual([true, true]);
  return changed;
}

function write(name: string, code: string): string {
  mkdirSync(PLACE, { recursive: true });
  writeFileSync(join(PLACE, name), code);
  return join(PLACE, name);
}

/** What the printed code makes of each: the `sub` of what it believes, null of what it refuses. */
type Upstream = (assertions: readonly (string | null)[]) => Promise<readonly (string | null)[]>;

async function nodeUpstream(): Promise<Upstream> {
  const file = write("node.mjs", printed("js"));
  const { whoAsks } = (await import(pathToFileURL(file).href)) as {
    whoAsks: (assertion: string | null) => Promise<{ sub: string }>;
  };
  return (assertions) =>
    Promise.all(
      assertions.map((assertion) =>
        whoAsks(assertion).then(
          ({ sub }) => sub,
          () => null,
        ),
      ),
    );
}

/** A number is no assertion: so many seconds pass. */
const PYTHON_DRIVER = `
import sys
def said(assertion):
    global asked_at
    if str(assertion).isdigit():
        asked_at -= int(assertion)
    try:
        return who_asks(assertion)["sub"]
    except Refused:
        return None
print(json.dumps([said(assertion) for assertion in json.load(sys.stdin)]))
`;

function pythonUpstream(): Upstream {
  const file = write("python.py", printed("python") + PYTHON_DRIVER);
  return async (assertions) => {
    const python = spawn("python3", [file], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, no_proxy: "*" },
    });
    python.stdin.end(JSON.stringify(assertions));
    let output = "";
    for await (const chunk of python.stdout) output += String(chunk);
    return JSON.parse(output) as (string | null)[];
  };
}

function ask(changes: Partial<Assertion> = {}, nowMs = Date.now()): Promise<string> {
  return gateway.assert({ principal: ANNA, audience: AUDIENCE, issuer: origin, ...changes }, nowMs);
}

/** As the gateway writes it and with its key, but for what is changed: only who has the key can make these. */
async function signed(
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  seed = seedOf(TEST_SECRET),
) {
  const { key, publicKey } = await importSigningKey(seed);
  const iat = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: origin, aud: AUDIENCE, sub: "mallory", kind: "user", iat, exp: iat + 60, ...claims })
    .setProtectedHeader({ alg: "EdDSA", kid: publicKey.kid, typ: "sluice-assertion+jwt", ...header })
    .sign(key, { crit: { more: true } });
}

/** Each is refused for another reason. */
async function lies(): Promise<readonly (string | null)[]> {
  const nowMs = Date.now();
  const nowS = Math.floor(nowMs / 1000);
  const good = await ask();
  const [head = "", body = "", signature = ""] = good.split(".");
  const { publicKey } = await importSigningKey(seedOf(TEST_SECRET));
  const byPublicKey = new SignJWT({ iss: origin, aud: AUDIENCE, sub: "mallory", iat: nowS, exp: nowS + 60 })
    .setProtectedHeader({ alg: "HS256", kid: publicKey.kid, typ: "sluice-assertion+jwt" })
    .sign(Buffer.from(publicKey.x, "base64url"));
  const unsigned = new UnsecuredJWT({ sub: "mallory" }).setIssuer(origin).setAudience(AUDIENCE).setIssuedAt();
  const broken = [
    null,
    "",
    "null",
    `${good}, ${good}`,
    `${head}.${body}.`,
    `${head}.${Buffer.from(JSON.stringify({ sub: "mallory" })).toString("base64url")}.${signature}`,
    unsigned.setExpirationTime("1m").encode(),
  ];
  const others = await Promise.all([
    ask({ audience: "https://other.example.test" }),
    ask({ audience: `${AUDIENCE}/` }),
    ask({ issuer: "https://other.example.test" }),
    ask({}, nowMs - 70_000),
    ask({}, nowMs + 70_000),
    byPublicKey,
    signSession({ userId: "mallory" }),
    signed({}, {}, Buffer.alloc(32, 7)),
    signed({}, { kid: publicKey.kid }, Buffer.alloc(32, 7)),
    signed({}, { alg: "Ed25519" }),
    signed({}, { crit: ["more"], more: 1 }),
    signed({}, { typ: "JWT" }),
    signed({}, { typ: undefined }),
    signed({ sub: undefined }),
    signed({ exp: undefined }),
    signed({ iat: undefined }),
    signed({ iat: nowS - 3600, exp: nowS + 3600 }),
  ]);
  return [...broken, ...others];
}

const languages: readonly [string, boolean, () => Upstream | Promise<Upstream>][] = [
  ["Node", true, nodeUpstream],
  ["Python", canRunPython, pythonUpstream],
];

describe.each(languages)("the code for %s", (_language, canRun, makeUpstream) => {
  test.skipIf(!canRun)("believes what the gateway signed and nothing else, and asks once for its keys", async () => {
    questions = 0;
    const upstream = await makeUpstream();
    const users = ["anna", "Zoë-用户", "😀"];
    const good = await Promise.all([
      ...users.map((userId) => ask({ principal: { ...ANNA, userId } })),
      ask({ principal: ROBOT }),
      signed(),
    ]);
    const bad = await lies();
    const said = await upstream([...good, ...bad, ...good]);
    const believed = [...users, ROBOT.userId, "mallory"];
    expect(said).toEqual([...believed, ...bad.map(() => null), ...believed]);
    expect(questions).toBe(1);
  });
});

test.skipIf(!canRunPython)(
  "the code for Python asks once in half a minute for a key that it does not know, and anew after ten",
  async () => {
    questions = 0;
    const good = await ask();
    const unknown = await signed({}, {}, Buffer.alloc(32, 9));
    const said = await pythonUpstream()([good, unknown, unknown, "31", unknown, unknown, good, "601", good]);
    expect([said, questions]).toEqual([["anna", null, null, null, null, null, "anna", null, "anna"], 3]);
  },
);
