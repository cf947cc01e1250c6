// What is written down while everybody comes by every way, and some in vain: who it was, and no piece of what he showed.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { TOKEN_KINDS } from "../../auth/verifier.ts";
import { NUMBER_FIELDS, TEXT_FIELDS } from "../../connection/audit.ts";
import { Client } from "../support/client.ts";
import { EngineClient } from "../support/engine-client.ts";
import { type Credential, type EveryCredential, everyCredential } from "../support/every-credential.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { signSession } from "../support/session-token.ts";

type Line = Record<string, unknown>;

/** Of a secret, no piece so long may be written down. */
const PIECE_CHARS = 12;
/** Of what is told of a bug, or of a client that was cut off. */
const OTHER_FIELDS = ["where", "name"];

let gateway: Gateway;
let every: EveryCredential;
let texts: readonly string[];
let lines: readonly Line[];
/** Shown in vain beside the good ones. */
const wrong: string[] = [];

beforeAll(async () => {
  every = await everyCredential();
  gateway = await startGateway(every.variables);
  for (const credential of every.credentials) {
    // oxlint-disable-next-line no-await-in-loop -- all at once would be a flood
    await showEverywhere(credential);
    const spoilt = spoil(credential.token);
    wrong.push(spoilt);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await showEverywhere({ ...credential, token: spoilt });
  }
  await comeInVain();
  await liveAStreamsLife();
  // The last line of all: what the object of the stream writes may come a moment later.
  await vi.waitUntil(() => logged().some((text) => text.includes('"stream-deleted"')), { timeout: 10_000 });
  texts = logged();
  lines = texts.map((text) => JSON.parse(text) as Line);
}, 120_000);
afterAll(async () => {
  every.stop();
  await gateway.stop();
});

/** All that the gateway wrote; wrangler adds nothing of its own. */
function logged(): readonly string[] {
  return gateway.harness.getLogs().map(({ message }) => message.trim());
}

/** The same but for one character, in the middle of its last part. */
function spoil(token: string): string {
  const at = token.length - 20;
  return `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
}

/** At every door, in every place where it may stand, and over HTTP. */
async function showEverywhere({ token, isKey, cookie }: Credential): Promise<void> {
  const bearer = { Authorization: `Bearer ${token}` };
  const encoded = encodeURIComponent(token);
  const cookies = cookie === undefined ? [] : [{ Cookie: `better-auth.${cookie}=${encoded}` }];
  const inHeaders = [bearer, ...cookies, ...(isKey ? [{ "x-api-key": token }, { "kyutai-api-key": token }] : [])];
  await Promise.all([
    ...inHeaders.flatMap((headers) => [
      knock("/ws", [], headers),
      knock("/streams/audited", [], headers),
      ask("GET", "/streams", headers),
      ask("GET", "/streams/audited", headers),
    ]),
    knock("/ws", ["sluice.v1", `bearer.${encoded}`]),
    knock(`/ws?token=${encoded}`),
    knock(`/streams/audited?auth_id=${encoded}`),
    ask("GET", `/streams?token=${encoded}`),
    ask("GET", `/nowhere/${encoded}?token=${encoded}`),
    ask("POST", "/explain", operator(), { streamId: "audited", operation: "read", token }),
    authenticate("/streams/register", token),
    authenticate("/streams/audited", token),
    ...inHeaders.map((headers) => connectBySocketIo("", headers)),
    connectBySocketIo(`&token=${encoded}`),
    connectBySocketIo("", {}, { token }),
  ]);
}

const operator = (): Record<string, string> => ({ "x-api-key": every.variables["ADMIN_KEY"] ?? "" });

async function knock(path: string, protocols: string[] = [], headers: Record<string, string> = {}): Promise<void> {
  const client = await Client.connect(new URL(path, gateway.url), protocols, { headers }).catch(() => undefined);
  client?.cut();
}

async function authenticate(path: string, token: string): Promise<void> {
  const phone = await Client.connect(new URL(path, gateway.url));
  phone.send({ type: "auth", token });
  await Promise.race([phone.next("success"), phone.nextError("AUTH_FAILED")]);
  phone.cut();
}

/** To the stream that all come to, and nothing more. */
async function connectBySocketIo(query: string, headers: Record<string, string> = {}, auth = {}): Promise<void> {
  const client = await EngineClient.connect(gateway.url, `&runId=audited${query}`, headers);
  client.send(`40${JSON.stringify(auth)}`);
  await client.next("4");
  client.cut();
}

async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: unknown): Promise<void> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(new URL(path, gateway.url), {
    method,
    headers: { ...headers, "Content-Type": "application/json" },
    ...init,
  });
  await response.arrayBuffer();
}

/** What is refused before, beside and after a credential. */
async function comeInVain(): Promise<void> {
  const [first, second] = [await signSession({ userId: "one" }), await signSession({ userId: "two" })];
  const expired = await signSession({ userId: "late", issuedAgoS: 600, tokenEndsInS: -300 });
  wrong.push(first, second, expired);
  await Promise.all([
    knock("/ws"),
    knock(`/ws?token=${expired}`),
    knock(`/ws?token=${first}&token=${second}`),
    knock(`/streams/..?token=${first}`),
    knock("/ws", [], { Authorization: `Basic ${first}` }),
    knock("/ws", [], { Cookie: `better-auth.session_data=${first}; better-auth.session_data=${second}` }),
    knock("/ws", [], { Cookie: `better-auth.session_data=${first}`, Origin: "https://evil.example" }),
    // Locally a client may write what only the platform writes elsewhere.
    knock(`/ws?token=${spoil(first)}`, [], { "CF-Ray": first, "CF-Connecting-IP": second }),
    ask("GET", "/streams", { Authorization: `Bearer ${first}\t${second}` }),
  ]);
}

/** One user's stream, from its claim to its end, and an operator who drains it. */
async function liveAStreamsLife(): Promise<void> {
  const token = await signSession({ userId: "owner", sessionId: "session-1" });
  const stranger = await signSession({ userId: "stranger" });
  wrong.push(token, stranger);
  const owner = { Authorization: `Bearer ${token}` };
  const url = new URL("/streams/told-of", gateway.url);
  const platforms = { "CF-Connecting-IP": "2001:db8:0:1::7", "CF-Ray": "0123456789abcdef-VIE" };
  const camera = await Client.connect(url, [], { headers: { ...owner, ...platforms } });
  await camera.register({ produces: ["*"] });
  await knock("/streams/told-of", [], { Authorization: `Bearer ${stranger}` });
  await knock("/streams/told-of", [], { Authorization: `Bearer ${stranger}`, Origin: "https://app.example" });
  await ask("PUT", "/streams/told-of/access", owner, { readers: ["friend"] });
  await ask("POST", "/streams/told-of/alerts", owner, { message: "seen" });
  await ask("GET", "/streams/told-of/alerts", owner);
  await ask("GET", "/streams/told-of/frame", owner);
  await ask("GET", "/streams/told-of/access", owner);
  await ask("POST", "/admin/streams/told-of/drain", operator());
  await camera.closed();
  await ask("DELETE", "/streams/told-of", owner);
}

const told = (event: string, fields: Line = {}): readonly Line[] =>
  lines.filter((line) => line["event"] === event && Object.entries(fields).every(([name, is]) => line[name] === is));

describe("every line", () => {
  test("is one JSON object on its own, in printable ASCII", () => {
    expect(texts.length).toBeGreaterThan(200);
    for (const text of texts) expect(text).toMatch(/^\{[\u0020-\u007e]*\}$/);
  });

  test("has listed fields and no others", () => {
    const listed = new Set<string>([...TEXT_FIELDS, ...NUMBER_FIELDS, ...OTHER_FIELDS]);
    expect(new Set(lines.flatMap((line) => Object.keys(line)).filter((name) => !listed.has(name)))).toEqual(new Set());
  });

  test("holds no twelve characters of a credential, good or bad, or of a secret", () => {
    const pieces = new Set([...every.secrets, ...wrong].flatMap(piecesOf));
    const found = texts.filter((text) => piecesOf(text).some((piece) => pieces.has(piece)));
    expect(found).toEqual([]);
    expect(pieces.size).toBeGreaterThan(5000);
  });

  test("names no path, no query and no text of an exception", () => {
    for (const text of texts) expect(text).not.toMatch(/token=|auth_id|\/streams|https?:|Error|at \w+ \(|\.ts\b/);
  });
});

function piecesOf(text: string): readonly string[] {
  return Array.from({ length: Math.max(0, text.length - PIECE_CHARS + 1) }, (_, at) =>
    text.slice(at, at + PIECE_CHARS),
  );
}

describe("of who was let in", () => {
  test("it is said by which kind of credential, for every kind", () => {
    const kinds = new Set(told("credential-accepted").map(({ tokenKind }) => tokenKind));
    expect(kinds).toEqual(new Set(TOKEN_KINDS));
  });

  test.each(["upgrade", "message", "http"])("it is said that he came so: %s", (place) => {
    expect(told("credential-accepted", { place }).length).toBeGreaterThan(5);
  });

  test("it is said which secret made a token, or which key", () => {
    expect(told("credential-accepted", { tokenKind: "session-jwe" })[0]).toMatchObject({ keyNumber: 0 });
    expect(told("credential-accepted", { tokenKind: "jwt" })[0]).toMatchObject({ keyId: expect.any(String) });
  });

  test("it is said where he joined, from where, and how he left", () => {
    const [joined] = told("joined", { streamId: "told-of", userId: "owner" });
    expect(joined).toMatchObject({
      place: "upgrade",
      principal: "user",
      sessionId: "session-1",
      address: "2001:db8:0:1::/64",
      ray: "0123456789abcdef-VIE",
    });
    const { connectionId } = joined ?? {};
    expect(told("left", { connectionId })).toMatchObject([{ userId: "owner", code: "DRAINING", closeCode: 1012 }]);
  });
});

describe("of who was not", () => {
  test.each([
    ["signature-mismatch", "AUTH_FAILED"],
    ["unknown-key", "AUTH_FAILED"],
    ["token-expired", "AUTH_FAILED"],
    ["unreadable", "AUTH_FAILED"],
    ["admin-key-in-url", "AUTH_FAILED"],
  ])("it is said why: %s", (reason, code) => {
    expect(told("credential-refused", { reason })[0]).toMatchObject({ code, address: expect.any(String) });
  });

  test.each(["AUTH_REQUIRED", "ORIGIN_NOT_ALLOWED", "BAD_REQUEST", "UNAUTHORIZED"])(
    "it is said that the connection was refused with %s",
    (code) => {
      expect(told("connection-refused", { code }).length).toBeGreaterThan(0);
    },
  );

  test("it is said who was known and had no right", () => {
    const refused = { streamId: "told-of", userId: "stranger", code: "UNAUTHORIZED" };
    expect(told("connection-refused", refused)).toHaveLength(2);
  });
});

test("of an operator's question it is said who asked about whom and which stream", () => {
  const asked = told("explained", { streamId: "audited", userId: "key:ADMIN_KEY" });
  expect(asked.length).toBeGreaterThan(20);
  expect(new Set(asked.map(({ target }) => target))).toEqual(
    new Set([
      undefined,
      ...told("credential-accepted", { place: "http", streamId: "audited" }).map(({ userId }) => userId),
    ]),
  );
});

test("of a stream it is said whose it became, who changed it, who drained it and who ended it", () => {
  const of = lines.filter(({ streamId }) => streamId === "told-of");
  const kinds = new Set(["claimed", "access-changed", "drained", "stream-deleted"]);
  expect(of.filter(({ event }) => kinds.has(String(event)))).toMatchObject([
    { event: "claimed", userId: "owner" },
    { event: "access-changed", userId: "owner", sessionId: "session-1" },
    { event: "drained", userId: "key:ADMIN_KEY", members: 1 },
    { event: "stream-deleted", userId: "owner", reason: "asked" },
  ]);
});
