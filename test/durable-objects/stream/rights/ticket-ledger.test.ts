// The tickets of one stream: who makes them, what each is worth and how often, and what is left of them after its end.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Principal, TicketPrincipal } from "../../../../auth/principal.ts";
import type { TicketOrder } from "../../../../durable-objects/stream/rights/ticket-ledger.ts";
import { isFault } from "../../../../protocol/fault.ts";
import { FakeStream, type Seat, STREAM_ID } from "../../../support/fake-stream.ts";
import { service, user } from "../../../support/members.ts";
import { holder } from "../../../support/tickets.ts";

const DAY_MS = 86_400_000;
const ANNA = user("anna");
const MAILER = service("mailer", { operations: [], streams: ["cam-*"], mintsTickets: true });
const UNAUTHORIZED = { code: "UNAUTHORIZED" };
const AUTH_FAILED = { code: "AUTH_FAILED", message: "Invalid or expired token" };

/** A stream of anna's, who is there, with nothing asked of it yet. */
function start(variables = {}) {
  const fake = new FakeStream(variables);
  const anna = fake.owner({ produces: ["*"], consumes: ["*"] });
  const order = (changes: Partial<TicketOrder> = {}): TicketOrder => ({
    operations: ["read"],
    uses: 1,
    expiresAtMs: fake.nowMs + 60_000,
    ...changes,
  });
  const mint = (changes: Partial<TicketOrder> = {}, by: Principal = ANNA): TicketPrincipal => {
    const entry = fake.stream.tickets.mint(by, STREAM_ID, order(changes));
    if (entry.kind === "fault") throw new Error(entry.code);
    const { ticketId, epoch } = entry;
    const { operations } = order(changes);
    return holder({ userId: "anna", streamId: STREAM_ID, ticketId, epoch, operations });
  };
  const admission = (principal: Principal): unknown =>
    fake.stream.entering.admission(fake.handoff("anna", { principal }));
  /** As the platform does it: admitted or not, and then joined. */
  const come = (principal: Principal): Seat => {
    const refusal = fake.stream.entering.admission(fake.handoff("anna", { principal }));
    if (refusal !== undefined) throw new Error(refusal);
    return fake.join("anna", { principal });
  };
  const look = (principal: Principal): unknown => fake.stream.requesting.readStatus(principal, STREAM_ID);
  const rows = (): readonly unknown[] =>
    fake.storage.rows("SELECT uses_left AS usesLeft FROM tickets ORDER BY uses_left");
  return { fake, anna, order, mint, admission, come, look, rows };
}

describe("a ticket is made", () => {
  test("by the owner and by a service with the scope, with a name of its own and the stream's epoch", () => {
    const { fake, order } = start();
    const { epoch } = fake.storage.rows("SELECT epoch FROM stream")[0] ?? {};
    const made = [ANNA, MAILER].map((by) => fake.stream.tickets.mint(by, STREAM_ID, order()));
    expect(made).toMatchObject([
      { kind: "entered", epoch },
      { kind: "entered", epoch },
    ]);
    expect(new Set(made.map((entry) => "ticketId" in entry && entry.ticketId)).size).toBe(2);
  });

  test.each<readonly [string, Principal]>([
    ["a stranger", user("bob")],
    ["who may read and write", user("carl")],
    ["a service without the scope", service("x", { operations: ["read", "write"], streams: ["*"] })],
    ["an admin", { ...service("ops"), adminOf: ["*"] }],
  ])("not by %s", (_who, principal) => {
    const { fake, order } = start();
    fake.allow({ public: true, readers: ["carl"], writers: { carl: ["*"] } });
    expect(fake.stream.tickets.mint(principal, STREAM_ID, order())).toMatchObject(UNAUTHORIZED);
  });

  test("not by another ticket, be it the owner's", () => {
    const { fake, mint, order } = start();
    const ticket = mint({ operations: ["read", "write"], uses: 5 });
    expect(fake.stream.tickets.mint(ticket, STREAM_ID, order())).toMatchObject(UNAUTHORIZED);
  });

  test("not for a stream that nobody owns, where nothing is stored for it", () => {
    const fake = new FakeStream();
    const order = { operations: ["read"], uses: 1, expiresAtMs: fake.nowMs + 1000 } as const;
    expect(fake.stream.tickets.mint(MAILER, STREAM_ID, order)).toMatchObject({ code: "NOT_FOUND" });
    expect([fake.storage.tables, fake.alarms]).toEqual([[], []]);
  });

  test("not beside ten thousand that may be used still, and again once some are over", () => {
    const { fake, mint, order } = start();
    fake.storage.sql.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
       INSERT INTO tickets SELECT 'many-' || i, 1, ? FROM n`,
      fake.nowMs + 5000,
    );
    fake.sleepAndWake();
    mint();
    expect(fake.stream.tickets.mint(ANNA, STREAM_ID, order())).toMatchObject({ code: "RATE_LIMITED" });
    fake.nowMs += 5000; // and the alarm is late
    expect(fake.stream.tickets.mint(ANNA, STREAM_ID, order())).toMatchObject({ kind: "entered" });
  });
});

describe("a ticket lets in", () => {
  test("for what it says, in the name of its user, and its messages say that it was one", () => {
    const { anna, come, mint } = start();
    const guest = come(mint({ operations: ["write"] }));
    expect(guest.register({ consumes: ["note"] })).toMatchObject(UNAUTHORIZED);
    expect(guest.register({ produces: ["note", "alert"] })).toMatchObject({ type: "success", userId: "anna" });
    anna.socket.forgetSent();
    guest.send({ type: "note", senderKind: "user" });
    guest.send({ type: "alert" });
    expect(anna.socket.messages).toMatchObject([
      { type: "note", userId: "anna", senderKind: "ticket" },
      { type: "alert", userId: "anna", senderKind: "ticket", offset: 1 },
    ]);
  });

  test("for alerts of its own, and takes no id from its maker", () => {
    const { anna, come, fake, mint } = start();
    const guest = come(mint({ operations: ["write"] }));
    guest.register({ produces: ["alert"] });
    const say = (seat: Seat, message: string) => seat.send({ type: "alert", id: "door-7", message, ref: 1 });
    say(guest, "nothing");
    say(anna, "a burglar");
    say(anna, "a burglar");
    anna.socket.forgetSent();
    say(guest, "another");
    fake.sleepAndWake();
    const page = fake.stream.requesting.readAlerts(ANNA, { streamId: STREAM_ID, after: 0, limit: 9, epoch: undefined });
    expect(typeof page === "string" ? JSON.parse(page) : page).toMatchObject({
      alerts: [
        { id: "door-7", userId: "anna", senderKind: "ticket", message: "nothing", offset: 1 },
        { id: "door-7", userId: "anna", senderKind: "user", message: "a burglar", offset: 2 },
      ],
      head: 2,
    });
    expect(guest.socket.errorCodes).toEqual(["CONFLICT"]);
  });

  test("a reader who may not write, nor see who is there", () => {
    const { come, look, mint } = start();
    const guest = come(mint());
    expect(guest.register({ produces: ["note"] })).toMatchObject(UNAUTHORIZED);
    expect(guest.register({ consumes: ["*", "presence"] })).toMatchObject({ type: "success" });
    expect(guest.socket.messages.map(({ type }) => type)).toEqual(["error", "success"]);
    const seen = look(mint());
    expect(seen).toMatchObject({ counts: { members: 2 } });
    expect(seen).not.toHaveProperty("members");
    expect(seen).not.toHaveProperty("owner");
  });

  test("no camera in another's place, not even in its own user's and session's", () => {
    const { anna, come, mint } = start();
    const { sessionId } = ANNA;
    const guest = come({ ...mint({ operations: ["write"] }), sessionId });
    expect(guest.register({ produces: ["video-frame"] })).toMatchObject({ type: "success" });
    expect(anna.socket.closedWith).toBeUndefined();
  });

  test("after a change of the access list as before", () => {
    const { come, fake, mint } = start();
    const guest = come(mint());
    guest.register({ consumes: ["note"] });
    fake.allow({ readers: ["bob"] });
    expect(guest.socket.messages.map(({ type }) => type)).toEqual(["success"]);
  });

  test("also after the stream slept", () => {
    const { come, fake, mint } = start();
    const [guest, later] = [come(mint()), mint()];
    fake.sleepAndWake();
    expect(guest.register({ consumes: ["note"] })).toMatchObject({ type: "success" });
    expect(come(later).register({ consumes: ["note"] })).toMatchObject({ type: "success" });
  });
});

describe("uses", () => {
  test("are counted where a socket is let in, and who leaves gives none back", () => {
    const { admission, come, mint, rows } = start();
    const ticket = mint({ uses: 2 });
    come(ticket).leave();
    expect(rows()).toEqual([{ usesLeft: 1 }]);
    come(ticket).leave();
    expect([rows(), admission(ticket)]).toEqual([[], "AUTH_FAILED"]);
  });

  test("are counted where a call is answered, whichever way it comes", () => {
    const { come, look, mint } = start();
    const ticket = mint({ uses: 2 });
    expect(look(ticket)).toMatchObject({ streamId: STREAM_ID });
    come(ticket);
    expect(look(ticket)).toMatchObject(AUTH_FAILED);
  });

  test("are not counted where somebody is refused", () => {
    const { admission, fake, look, mint, rows } = start({ MAX_MEMBERS_PER_STREAM: "1" });
    const ticket = mint();
    expect(admission(ticket)).toBe("STREAM_FULL");
    expect(
      fake.stream.tickets.admit(ticket, STREAM_ID, () => fake.stream.managing.readAccess(ticket, STREAM_ID)),
    ).toMatchObject(UNAUTHORIZED);
    expect(rows()).toEqual([{ usesLeft: 1 }]);
    expect(look(ticket)).toMatchObject({ streamId: STREAM_ID });
  });

  test("outlast a sleep", () => {
    const { come, fake, mint, rows } = start();
    const ticket = mint({ uses: 3 });
    come(ticket);
    fake.sleepAndWake();
    come(ticket);
    expect(rows()).toEqual([{ usesLeft: 1 }]);
  });

  test("of any number that come in any order are as many as were given, never more", () => {
    const ways = fc.array(fc.constantFrom("socket", "call", "refused", "sleep"), { maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), ways, (uses, steps) => {
        const { admission, come, fake, look, mint, rows } = start();
        const ticket = mint({ uses });
        const comes: Record<string, () => boolean> = {
          socket: () => admission(ticket) === undefined && come(ticket) !== undefined,
          call: () => !isFault(look(ticket)),
          refused: () => {
            fake.allow({ readers: ["bob"] });
            return !isFault(fake.stream.managing.readAccess(ticket, STREAM_ID));
          },
          sleep: () => {
            fake.sleepAndWake();
            return false;
          },
        };
        const wanted = steps.filter((step) => step === "socket" || step === "call").length;
        const [done, left] = [steps.filter((step) => comes[step]?.()).length, Math.max(0, uses - wanted)];
        expect([done, rows()]).toEqual([Math.min(uses, wanted), left === 0 ? [] : [{ usesLeft: left }]]);
      }),
    );
  });
});

describe("a ticket opens nothing", () => {
  test("that was never made here, though its signature be right", () => {
    const { admission, mint } = start();
    expect(admission({ ...mint(), ticketId: "made-up" })).toBe("AUTH_FAILED");
  });

  test("once it is over, also where the alarm is late", () => {
    const { admission, fake, look, mint } = start();
    const ticket = mint();
    fake.nowMs += 59_999;
    expect(admission(ticket)).toBeUndefined();
    fake.nowMs += 1;
    expect([admission(ticket), look(ticket)]).toMatchObject(["AUTH_FAILED", AUTH_FAILED]);
  });

  test("on another stream, where it is known and has no right", () => {
    const { admission, mint } = start();
    expect(admission({ ...mint(), streamId: "cam-2" })).toBe("UNAUTHORIZED");
  });

  test("of the next owner's, nor of its own user's next stream of that name", () => {
    for (const next of ["bob", "anna"]) {
      const { admission, fake, look, mint, rows } = start();
      const ticket = mint({ uses: 5, operations: ["read", "write"] });
      fake.erase();
      expect([admission(ticket), look(ticket)]).toMatchObject(["AUTH_FAILED", AUTH_FAILED]);
      fake.owner({ produces: ["*"], consumes: ["*"] }, next);
      expect([admission(ticket), look(ticket), rows()]).toMatchObject(["AUTH_FAILED", AUTH_FAILED, []]);
    }
  });

  test("of the next owner's though its row were there still", () => {
    const { admission, fake, mint } = start();
    const ticket = mint({ uses: 5 });
    const [row] = fake.storage.rows("SELECT * FROM tickets");
    fake.erase();
    fake.owner({ produces: ["*"], consumes: ["*"] }, "bob");
    fake.storage.sql.exec("INSERT INTO tickets VALUES (?, 5, ?)", ticket.ticketId, Number(row?.["expires_at_ms"]));
    expect(admission(ticket)).toBe("AUTH_FAILED");
  });
});

test("Who came with a ticket is closed where its stream is deleted", () => {
  const { come, fake, mint } = start();
  const guest = come(mint());
  fake.erase();
  expect(guest.socket.closedWith).toMatchObject({ code: 1008 });
});

describe("the alarm", () => {
  test("rings for the end of a ticket, which is then forgotten, and for that of the next", () => {
    const { fake, mint, rows } = start();
    fake.alarms.length = 0;
    fake.sleepAndWake();
    const firstMs = fake.nowMs + 60_000;
    mint({ uses: 2, expiresAtMs: firstMs + 60_000 });
    mint({ expiresAtMs: firstMs });
    expect(fake.alarmAtMs).toBe(firstMs);
    fake.ring();
    expect([rows(), fake.alarmAtMs]).toEqual([[{ usesLeft: 2 }], firstMs + 60_000]);
    fake.ring();
    expect(rows()).toEqual([]);
  });

  test("forgets the first of several of before a sleep in its time", () => {
    const { fake, mint } = start();
    mint({ expiresAtMs: fake.nowMs + 120_000 });
    mint({ expiresAtMs: fake.nowMs + 60_000 });
    fake.sleepAndWake();
    fake.nowMs += 60_000;
    fake.stream.sweep();
    expect(fake.storage.rows("SELECT count(*) AS count FROM tickets")).toEqual([{ count: 1 }]);
  });

  test("forgets those of before a sleep too", () => {
    const { fake, mint, rows } = start();
    mint();
    fake.sleepAndWake();
    fake.nowMs += 60_000;
    fake.stream.sweep();
    expect(rows()).toEqual([]);
  });

  test("that rings for something else reads no tickets", () => {
    const { fake, mint } = start();
    mint();
    const before = fake.storage.rowsWritten;
    fake.stream.sweep();
    expect(fake.storage.rowsWritten).toBe(before);
  });
});

test("A stream does not lapse while a ticket of it may be used", () => {
  const { anna, fake, mint } = start({ CLAIM_TTL_DAYS: "7" });
  anna.leave();
  const ends = { uses: 2, expiresAtMs: fake.nowMs + 20 * DAY_MS };
  mint(ends);
  fake.nowMs += 19 * DAY_MS;
  fake.stream.sweep();
  expect(fake.storage.tables).toContain("stream");
  fake.nowMs += DAY_MS;
  fake.stream.sweep();
  expect(fake.storage.tables).toEqual([]);
});
