// Which hooks of a real Better Auth say that somebody is out, and how the gate is told though it is away for a while.
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { admin } from "better-auth/plugins";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { authOptions } from "../../examples/auth-worker/options.ts";
import { type Gate, type Revocation, revokingHooks, tellGate } from "../../examples/auth-worker/revoking.ts";
import { GATEWAY_ORIGIN } from "../support/occasion.ts";
import { TEST_SECRET } from "../support/session-token.ts";

interface Person {
  readonly id: string;
  readonly headers: Headers;
}

/** A Better Auth on memory that says who is out. */
function start(tell: (revocation: Revocation) => void = () => {}) {
  const told: Revocation[] = [];
  const database = memoryAdapter({ user: [], session: [], account: [], verification: [] });
  const auth = betterAuth({
    baseURL: GATEWAY_ORIGIN,
    secret: TEST_SECRET,
    database,
    emailAndPassword: { enabled: true },
    user: { deleteUser: { enabled: true } },
    advanced: { database: authOptions([]).advanced.database },
    plugins: [admin({ adminRoles: ["admin"], defaultRole: "admin" })],
    databaseHooks: revokingHooks((revocation) => {
      told.push(revocation);
      tell(revocation);
    }),
    telemetry: { enabled: false },
  });
  const signUp = async (name: string): Promise<Person> => {
    const body = { name, email: `${name}@example.test`, password: "password-1234" };
    const { headers, response } = await auth.api.signUpEmail({ body, returnHeaders: true });
    const cookie = headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    return { id: response.user.id, headers: new Headers({ cookie, origin: GATEWAY_ORIGIN }) };
  };
  return { auth, signUp, told };
}

const sessionsOf = (told: readonly Revocation[]): readonly Revocation[] =>
  told.filter(({ sessionId }) => sessionId !== undefined);
const usersOf = (told: readonly Revocation[]): readonly Revocation[] =>
  told.filter(({ sessionId }) => sessionId === undefined);

describe("the hooks say", () => {
  test("which session was signed out, and a moment ahead, since it never comes back", async () => {
    const { auth, signUp, told } = start();
    const { id, headers } = await signUp("anna");
    const session = await auth.api.getSession({ headers });
    const fromMs = Date.now();
    await auth.api.signOut({ headers });
    expect(told).toEqual([{ userId: id, sessionId: session?.session.id, issuedBefore: expect.any(Number) }]);
    const aheadMs = Number(told[0]?.issuedBefore) - fromMs;
    expect([aheadMs >= 30_000, aheadMs < 60_000]).toEqual([true, true]);
  });

  test("that a user was banned, with all his sessions", async () => {
    const { auth, signUp, told } = start();
    const [anna, bob] = [await signUp("anna"), await signUp("bob")];
    await auth.api.banUser({ headers: anna.headers, body: { userId: bob.id } });
    expect(usersOf(told)).toEqual([{ userId: bob.id }]);
    expect(sessionsOf(told)).toMatchObject([{ userId: bob.id }]);
  });

  test("each session that a change of password ends, though there are hundreds", async () => {
    const { auth, signUp, told } = start();
    const { id, headers } = await signUp("anna");
    const { internalAdapter } = await auth.$context;
    const made = new Set<string>();
    for (let index = 0; index < 300; index += 1) made.add((await internalAdapter.createSession(id)).id);
    const passwords = { currentPassword: "password-1234", newPassword: "password-5678" };
    await auth.api.changePassword({ headers, body: { ...passwords, revokeOtherSessions: true } });
    expect(made.difference(new Set(told.map(({ sessionId }) => sessionId))).size).toBe(0);
  });

  test("nothing where a ban is lifted, or a user changes", async () => {
    const { auth, signUp, told } = start();
    const [anna, bob] = [await signUp("anna"), await signUp("bob")];
    await auth.api.banUser({ headers: anna.headers, body: { userId: bob.id } });
    told.length = 0;
    await auth.api.unbanUser({ headers: anna.headers, body: { userId: bob.id } });
    await auth.api.updateUser({ headers: anna.headers, body: { name: "Anna" } });
    expect(told).toEqual([]);
  });

  test.each([
    [
      "by an admin",
      ({ auth }: ReturnType<typeof start>, anna: Person, bob: Person) =>
        auth.api.removeUser({ headers: anna.headers, body: { userId: bob.id } }),
    ],
    [
      "by himself",
      ({ auth }: ReturnType<typeof start>, _anna: Person, bob: Person) =>
        auth.api.deleteUser({ headers: bob.headers, body: { password: "password-1234" } }),
    ],
  ])("that a user was deleted %s", async (_by, remove) => {
    const started = start();
    const [anna, bob] = [await started.signUp("anna"), await started.signUp("bob")];
    await remove(started, anna, bob);
    expect(usersOf(started.told)).toEqual([{ userId: bob.id }]);
    expect(sessionsOf(started.told)).toMatchObject([{ userId: bob.id }]);
  });

  test("nothing of a session that has run out", async () => {
    const told: Revocation[] = [];
    const after = revokingHooks((revocation) => told.push(revocation)).session?.delete?.after;
    const [createdAt, expiresAt] = [new Date(0), new Date(1)];
    await after?.({ id: "s", userId: "u", token: "t", createdAt, updatedAt: createdAt, expiresAt }, null);
    expect([after === undefined, told]).toEqual([false, []]);
  });
});

describe("the gate", () => {
  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation(() => {});
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** One that answers with each of these in turn, the last for ever; 0 is no answer. */
  function gateOf(...statuses: readonly number[]) {
    const requests: Request[] = [];
    const pauses: number[] = [];
    const gate: Gate = {
      origin: "https://gate.example",
      adminKey: "the-key",
      fetch: async (request) => {
        requests.push(request);
        const status = statuses[requests.length - 1] ?? statuses.at(-1) ?? 0;
        if (status === 0) throw new Error("no connection");
        return new Response(null, { status });
      },
      pause: async (ms) => void pauses.push(ms),
    };
    return { gate, requests, pauses };
  }

  test("is told once where it takes it", async () => {
    const { gate, requests, pauses } = gateOf(202);
    await tellGate(gate, { userId: "anna", sessionId: "s-1", issuedBefore: 5 });
    const [request] = requests;
    expect([requests.length, pauses, request?.method, request?.url, request?.headers.get("x-api-key")]).toEqual([
      1,
      [],
      "POST",
      "https://gate.example/admin/revocations",
      "the-key",
    ]);
    expect(await request?.json()).toEqual({ userId: "anna", sessionId: "s-1", issuedBefore: 5 });
    expect(console.error).not.toHaveBeenCalled();
  });

  test.each([0, 429, 500, 503])("is told again after %i, with growing pauses, until it takes it", async (status) => {
    const { gate, requests, pauses } = gateOf(status, status, 202);
    await tellGate(gate, { userId: "anna" });
    expect([requests.length, pauses]).toEqual([3, [500, 2000]]);
    expect(console.error).not.toHaveBeenCalled();
  });

  test.each([400, 401, 403, 404, 302])("is not told again after %i, which stays as it is", async (status) => {
    const { gate, requests } = gateOf(status);
    await tellGate(gate, { userId: "anna" });
    expect(requests).toHaveLength(1);
    expect(console.error).toHaveBeenCalledOnce();
  });

  test("that never answers is given up, and the log says so without saying who", async () => {
    const { gate, pauses } = gateOf(0);
    await tellGate(gate, { userId: "anna" });
    expect(pauses).toEqual([500, 2000, 8000]);
    expect(console.error).toHaveBeenCalledExactlyOnceWith('{"event":"revocation-not-told","status":0}');
  });

  test("that is away keeps nobody from signing out", async () => {
    const { gate, requests } = gateOf(0);
    const telling: Promise<void>[] = [];
    const { auth, signUp } = start((revocation) => telling.push(tellGate(gate, revocation)));
    const { headers } = await signUp("anna");
    expect([await auth.api.signOut({ headers }), await auth.api.getSession({ headers })]).toEqual([
      { success: true },
      null,
    ]);
    await Promise.all(telling);
    expect(requests).toHaveLength(4);
  });
});
