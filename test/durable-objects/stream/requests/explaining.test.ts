// What an operator is told of the rules of one stream, and that being told changes nothing.
import { describe, expect, test } from "vitest";
import type { Principal, TicketPrincipal } from "../../../../auth/principal.ts";
import { FakeStream, STREAM_ID } from "../../../support/fake-stream.ts";
import { service, user } from "../../../support/members.ts";
import { holder } from "../../../support/tickets.ts";

const explain = async (fake: FakeStream, principal: Principal | undefined, operation: "read" | "write" = "read") =>
  fake.stream.explaining.explain({ streamId: STREAM_ID, operation, types: [], principal });

describe("of a stream that nobody owns", () => {
  test("it is told who would own it, and nobody does by that", async () => {
    const fake = new FakeStream();
    expect(await explain(fake, user("anna"), "write")).toEqual({
      judgement: { decision: "allow-and-claim", rule: "would-claim" },
      facts: {
        policy: "claim",
        owner: null,
        createdAt: null,
        epoch: "",
        public: false,
        listed: { reads: false, writes: [] },
      },
    });
    expect(fake.stream.operating.view(STREAM_ID)).toMatchObject({ access: null, epoch: "" });
    expect(fake.storage.rows("SELECT name FROM sqlite_master")).toEqual([]);
    expect([fake.alarms, fake.noted]).toEqual([[], []]);
  });
});

describe("of a stream that is owned", () => {
  test("it is told what the access list says of whom it is about", async () => {
    const fake = new FakeStream();
    fake.owner();
    fake.allow({ public: true, writers: { bob: ["note"] } });
    expect(await explain(fake, user("bob"))).toEqual({
      judgement: { decision: "allow", rule: "public" },
      facts: {
        policy: "claim",
        owner: "anna",
        createdAt: fake.nowMs,
        epoch: expect.stringMatching(/./),
        public: true,
        listed: { reads: false, writes: ["note"] },
      },
    });
  });

  test("it is told how it is where the credential was refused", async () => {
    const fake = new FakeStream();
    fake.owner();
    expect(await explain(fake, undefined)).toMatchObject({
      judgement: { decision: "deny", rule: "credential-refused" },
      facts: { owner: "anna", listed: null },
    });
  });

  test("nobody is told to own what was made for all", async () => {
    const fake = new FakeStream({ STREAM_POLICY: "open" });
    fake.owner();
    expect(await explain(fake, user("anna"))).toMatchObject({ judgement: { rule: "open" }, facts: { owner: null } });
  });
});

describe("of a ticket", () => {
  function withTicket(): { readonly fake: FakeStream; readonly ticket: TicketPrincipal } {
    const fake = new FakeStream();
    fake.owner();
    const order = { operations: ["read"], uses: 1, expiresAtMs: fake.nowMs + 60_000 } as const;
    const entry = fake.stream.tickets.mint(user("anna"), STREAM_ID, order);
    if (entry.kind === "fault") throw new Error(entry.code);
    const { ticketId, epoch } = entry;
    return { fake, ticket: holder({ ticketId, epoch, streamId: STREAM_ID }) };
  }

  test("it is told that it is good, as often as one asks: it is not used up by that", async () => {
    const { fake, ticket } = withTicket();
    for (const rule of ["ticket", "ticket"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is what is tried
      expect(await explain(fake, ticket)).toMatchObject({ judgement: { decision: "allow", rule } });
    }
    fake.stream.tickets.use(ticket);
    expect((await explain(fake, ticket)).judgement).toEqual({ decision: "deny", rule: "ticket-used-up" });
  });

  test("it is told that it is of a stream that was deleted", async () => {
    const { fake, ticket } = withTicket();
    fake.erase();
    fake.owner();
    expect((await explain(fake, ticket)).judgement).toEqual({ decision: "deny", rule: "other-epoch" });
  });
});

describe("under the policy delegate", () => {
  const DELEGATING = { STREAM_POLICY: "delegate", AUTHORIZER: {} };

  test("the Worker that decides is asked, about what it would be asked at the door", async () => {
    const fake = new FakeStream(DELEGATING);
    const asked: unknown[] = [];
    fake.authorize = async (question) => {
      asked.push(question);
      return { allowed: true, ttlMs: 0 };
    };
    const question = { streamId: STREAM_ID, operation: "write", types: ["note"], principal: user("bob") } as const;
    const { judgement } = await fake.stream.explaining.explain(question);
    expect(judgement).toEqual({ decision: "allow-and-claim", rule: "delegated" });
    expect(asked).toEqual([
      {
        principal: { kind: "user", userId: "bob", sessionId: "session-of-bob" },
        streamId: STREAM_ID,
        operation: "write",
        types: ["note"],
      },
    ]);
  });

  test("it is told that there was no answer", async () => {
    const fake = new FakeStream(DELEGATING);
    expect((await explain(fake, user("bob"))).judgement).toEqual({ decision: "deny", rule: "delegate-unreachable" });
  });

  test("a program that was not granted it needs no answer to be refused", async () => {
    const fake = new FakeStream(DELEGATING);
    fake.authorize = () => Promise.resolve({ allowed: true, ttlMs: 60_000 });
    expect((await explain(fake, service("robot"))).judgement).toEqual({ decision: "deny", rule: "not-granted" });
  });
});
