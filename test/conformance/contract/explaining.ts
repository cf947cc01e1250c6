// The contract of the question why: an operator learns who may do what by which rule, and nothing is changed by it.
import { describe, expect, test } from "vitest";
import { Client, Refused } from "../../support/client.ts";
import { type Contract, newStream, newUser } from "./contract.ts";
import { askerOf, type HttpAnswer } from "./http.ts";

/** So that no second begins between a token and its revocation. */
const BEFORE = { issuedAgoS: 60 };

/** Nothing is tried where the gateway's key is not known. */
export function explaining(contract: Contract): void {
  const { adminKey, signSession } = contract;
  const ask = askerOf(contract);
  const headers = { "x-api-key": `${adminKey}` };
  const explain = (body: Record<string, unknown>): Promise<HttpAnswer> =>
    ask("POST", "/explain", undefined, body, headers);
  const asUser = (userId: string) => ({ principal: { kind: "user", userId } });
  const ruleFor = async (body: Record<string, unknown>): Promise<unknown> => {
    const { status, body: answer } = await explain(body);
    return status === 200 ? [answer["rule"], answer["decision"], answer["allowed"]] : [status, answer["code"]];
  };

  describe.skipIf(adminKey === undefined).concurrent("an operator who asks why", () => {
    test("is told of owner, readers, writers and strangers", async () => {
      const { streamId, userId } = await contract.openPair();
      const [reader, writer] = [newUser(), newUser()];
      const path = `/streams/${streamId}/access`;
      await ask("PUT", path, userId, { readers: [reader], writers: { [writer]: ["note"] } });
      const read = { streamId, operation: "read" };
      const write = { streamId, operation: "write", types: ["note"] };
      expect(await ruleFor({ ...write, ...asUser(userId) })).toEqual(["owner", "allow", true]);
      expect(await ruleFor({ ...read, ...asUser(reader) })).toEqual(["access-list-reader", "allow", true]);
      expect(await ruleFor({ ...write, ...asUser(writer) })).toEqual(["access-list-writer", "allow", true]);
      expect(await ruleFor({ ...write, types: ["alert"], ...asUser(writer) })).toEqual(["no-rule", "deny", false]);
      expect(await ruleFor({ ...read, ...asUser(writer) })).toEqual(["no-rule", "deny", false]);
      expect(await ruleFor(read)).toEqual(["no-rule", "deny", false]);
      await ask("PUT", path, userId, { public: true });
      expect(await ruleFor(read)).toEqual(["public", "allow", true]);
    });

    test("is told the rule that a door applies, with what it was made of", async () => {
      const { streamId, userId, epoch } = await contract.openPair();
      const stranger = newUser();
      await expect(contract.connect(streamId, { userId: stranger })).rejects.toEqual(new Refused(403));
      const { status, body } = await explain({ streamId, operation: "read", ...asUser(stranger) });
      expect([status, body]).toEqual([
        200,
        {
          principal: { kind: "user", userId: stranger, sessionId: stranger },
          streamId,
          operation: "read",
          allowed: false,
          decision: "deny",
          rule: "no-rule",
          policy: "claim",
          owner: userId,
          createdAt: expect.any(Number),
          epoch,
          public: false,
          listed: { reads: false, writes: [] },
          revocations: [],
        },
      ]);
    });

    test("is told that a stream would be claimed, and claims none by that", async () => {
      const [streamId, userId] = [newStream(), newUser()];
      const write = { streamId, operation: "write", ...asUser(userId) };
      expect(await ruleFor(write)).toEqual(["would-claim", "allow-and-claim", true]);
      expect(await ruleFor({ streamId, operation: "read" })).toEqual(["unclaimed-read", "allow", true]);
      expect(await ask("GET", `/streams/${streamId}/access`, userId)).toMatchObject({ status: 404 });
      expect(await ask("GET", "/streams", userId)).toMatchObject({ body: { streams: [] } });
    });

    test("is told whose a token is, until when, and what it opens, and the token is not repeated", async () => {
      const { streamId, userId } = await contract.openPair();
      const token = await signSession({ userId });
      const { body } = await explain({ streamId, operation: "read", token });
      expect(body).toMatchObject({
        credential: {
          verified: true,
          tokenKind: "session-jwt",
          keyNumber: 0,
          issuedAt: expect.any(Number),
          endsAt: expect.any(Number),
          revoked: false,
        },
        principal: { kind: "user", userId, sessionId: `session-of-${userId}` },
        rule: "owner",
      });
      expect(JSON.stringify(body)).not.toContain(token.slice(-12));
    });

    test.each([
      ["of another secret", { secret: "another-Zk3vQ1xP8mN5tR7wY2bC6dF9gH4jL0sA" }, "signature-mismatch"],
      ["that is over", { issuedAgoS: 600, tokenEndsInS: -300 }, "token-expired"],
      ["whose session is over", { sessionEndsInMs: -1000 }, "session-expired"],
      ["of a user with the id of a program", { userId: "svc:robot" }, "claims-invalid"],
    ])("is told what is wrong with a token %s", async (_what, session, reason) => {
      const { streamId, userId } = await contract.openPair();
      const { status, body } = await explain({ streamId, operation: "read", token: await signSession(session) });
      expect([status, body]).toMatchObject([
        200,
        {
          credential: { verified: false, code: "AUTH_FAILED", reason },
          principal: null,
          allowed: false,
          rule: "credential-refused",
          owner: userId,
        },
      ]);
    });

    test("is told that a token is revoked, and up to when", async () => {
      const { streamId, userId } = await contract.openPair();
      const token = await signSession({ userId, ...BEFORE });
      const sessionId = `session-of-${userId}`;
      const { body: revocation } = await ask("POST", "/admin/revocations", undefined, { userId, sessionId }, headers);
      const issuedBefore = Math.floor(Number(revocation["issuedBefore"]) / 1000) * 1000;
      const { body } = await explain({ streamId, operation: "read", token });
      expect(body).toMatchObject({
        credential: { verified: true, revoked: true },
        rule: "revoked",
        allowed: false,
        revocations: [{ sessionId, issuedBefore }],
      });
      const other = await signSession({ userId, sessionId: "another", ...BEFORE });
      expect(await ruleFor({ streamId, operation: "read", token: other })).toEqual(["owner", "allow", true]);
    });

    test("is told what a ticket opens, without using it, and why it opens nothing any more", async () => {
      const { streamId, userId } = await contract.openPair();
      const { body } = await ask("POST", "/tickets", userId, { streamId, operations: ["read"] });
      const token = String(body["ticket"]);
      const read = { streamId, operation: "read", token };
      expect(await ruleFor(read)).toEqual(["ticket", "allow", true]);
      expect(await ruleFor({ ...read, operation: "write" })).toEqual(["ticket", "deny", false]);
      expect(await ruleFor({ ...read, streamId: newStream() })).toEqual(["other-stream", "deny", false]);
      const client = await Client.connect(contract.streamUrl(streamId, `?ticket=${token}`));
      await client.register({ consumes: ["alert"] });
      expect(await ruleFor(read)).toEqual(["ticket-used-up", "deny", false]);
      await ask("DELETE", `/streams/${streamId}`, userId);
      expect(await ruleFor(read)).toEqual(["other-epoch", "deny", false]);
    });

    test("is told what the operator's own key may do", async () => {
      const { streamId } = await contract.openPair();
      const { body } = await explain({ streamId, operation: "read", token: adminKey });
      expect(body).toMatchObject({
        credential: { verified: true, tokenKind: "api-key" },
        principal: { kind: "service", userId: "key:ADMIN_KEY", operations: [], streams: [] },
        rule: "no-rule",
      });
    });

    test.each([
      [{ operation: "own" }, "BAD_REQUEST"],
      [{ operation: "read", types: ["note"] }, "BAD_REQUEST"],
      [{ operation: "read", user: "anna" }, "BAD_REQUEST"],
      [{ operation: "read", token: "t", principal: { kind: "user", userId: "anna" } }, "BAD_REQUEST"],
      [{ operation: "read", streamId: "a/b" }, "INVALID_STREAM_ID"],
    ])("is refused where he asks %j", async (body, code) => {
      expect(await explain({ streamId: newStream(), ...body })).toMatchObject({ status: 400, body: { code } });
    });

    test("is who has the key: an owner is none, and nobody else", async () => {
      const { streamId, userId } = await contract.openPair();
      const body = { streamId, operation: "read" };
      expect(await ask("POST", "/explain", userId, body)).toMatchObject({
        status: 403,
        body: { code: "UNAUTHORIZED" },
      });
      expect(await ask("POST", "/explain", undefined, body)).toMatchObject({ status: 401 });
      const inQuery = await ask("POST", `/explain?token=${adminKey}`, undefined, body);
      expect(inQuery).toMatchObject({ status: 401 });
      expect(await ask("GET", "/explain", undefined, undefined, headers)).toMatchObject({ status: 405 });
    });
  });
}
