// When a member is told that its session ends: once for each end, in time, and whatever happens to the object in between.
import { describe, expect, test } from "vitest";
import { writeAttachment } from "../../../../connection/attachment.ts";
import { FakeStream, type Seat } from "../../../support/fake-stream.ts";
import { attachmentOf, user } from "../../../support/members.ts";
import { holder } from "../../../support/tickets.ts";

const HOUR_MS = 3_600_000;
const NOTICE_MS = 60_000;
const GRACE_MS = 30_000;
const GRAIN_MS = 5000;

const noticesOf = ({ socket }: Seat): readonly unknown[] => socket.ofType("auth-expiring");

/** Renews, and the token is found good. */
async function renew(fake: FakeStream, seat: Seat, endsInMs: number): Promise<void> {
  seat.send({ type: "auth", token: "another.tok.en" });
  const session = {
    principal: user("anna"),
    issuedAtS: Math.floor(fake.nowMs / 1000),
    endsAtMs: fake.nowMs + endsInMs,
    shown: { tokenKind: "session-jwt" },
  } as const;
  await fake.authorities.asked.at(-1)?.answer({ kind: "authenticated", ...session });
  seat.socket.forgetSent();
}

describe("before its session ends a member", () => {
  test("is told until when it goes on, by an alarm at that time and not before", () => {
    const fake = new FakeStream();
    const seat = fake.join("anna", { endsInMs: HOUR_MS });
    const endsAtMs = fake.nowMs + HOUR_MS;
    fake.nowMs = endsAtMs - NOTICE_MS - 1;
    fake.stream.sweep();
    expect([noticesOf(seat), fake.alarmAtMs]).toEqual([[], endsAtMs - NOTICE_MS]);
    fake.ring();
    expect(seat.socket.messages).toEqual([{ type: "auth-expiring", expiresAt: endsAtMs }]);
  });

  test("is told once, also where the object slept in between", () => {
    const fake = new FakeStream();
    const seat = fake.join("anna", { endsInMs: HOUR_MS });
    fake.nowMs += HOUR_MS - NOTICE_MS;
    fake.sleepAndWake();
    fake.stream.sweep();
    expect(noticesOf(seat)).toHaveLength(1);
    fake.sleepAndWake();
    fake.stream.sweep();
    expect([noticesOf(seat).length, fake.alarmAtMs]).toEqual([1, fake.nowMs + NOTICE_MS + GRACE_MS]);
  });

  test("is told whether or not it registered, and behind a bridge too", () => {
    const fake = new FakeStream();
    const seats = [
      fake.join("anna", { endsInMs: HOUR_MS }),
      fake.member("anna", { consumes: [] }, { endsInMs: HOUR_MS }),
      fake.member("anna", { consumes: ["*"] }, { endsInMs: HOUR_MS, hop: "bridged" }),
    ];
    fake.nowMs += HOUR_MS - NOTICE_MS;
    fake.stream.sweep();
    expect(seats.map((seat) => noticesOf(seat).length)).toEqual([1, 1, 1]);
  });

  test("is told each time that it has renewed, for the end that it then has", async () => {
    const fake = new FakeStream();
    const seat = fake.member("anna", { consumes: [] }, { endsInMs: HOUR_MS });
    fake.nowMs += HOUR_MS - NOTICE_MS;
    fake.stream.sweep();
    await renew(fake, seat, HOUR_MS);
    const endsAtMs = fake.nowMs + HOUR_MS;
    fake.nowMs = endsAtMs - NOTICE_MS - 1;
    fake.stream.sweep();
    expect(noticesOf(seat)).toEqual([]);
    fake.ring();
    expect(noticesOf(seat)).toEqual([{ type: "auth-expiring", expiresAt: endsAtMs }]);
  });

  test("with a key is told nothing, as it has no end, and no alarm is set for it", () => {
    const fake = new FakeStream();
    // Behind a bridge, so that none is set to look whether it is still there.
    const seat = fake.join("anna", { endsInMs: "never", hop: "bridged" });
    fake.nowMs += 1000 * HOUR_MS;
    fake.stream.sweep();
    expect([seat.socket.sent, fake.alarms]).toEqual([[], []]);
  });

  test("with a ticket is told nothing, as no token renews it, and ends with its session", () => {
    const fake = new FakeStream();
    fake.owner();
    const seat = fake.join("anna", { endsInMs: HOUR_MS, principal: holder({ userId: "anna" }) });
    fake.nowMs += HOUR_MS;
    fake.stream.sweep();
    expect(seat.socket.sent).toEqual([]);
    fake.nowMs += GRACE_MS;
    fake.stream.sweep();
    expect(seat.socket.messages).toMatchObject([{ code: "TOKEN_EXPIRED" }]);
  });

  test("is told as long before as is configured, and never where that is 0", () => {
    for (const [seconds, told] of [
      [300, 1],
      [0, 0],
    ] as const) {
      const fake = new FakeStream({ AUTH_EXPIRING_NOTICE_S: seconds });
      const seat = fake.join("anna", { endsInMs: HOUR_MS });
      fake.nowMs += HOUR_MS - 300_000;
      fake.stream.sweep();
      expect(noticesOf(seat)).toHaveLength(told);
      fake.nowMs += 300_000;
      fake.stream.sweep();
      fake.nowMs += GRACE_MS;
      fake.stream.sweep();
      expect([noticesOf(seat).length, seat.socket.errorCodes]).toEqual([told, ["TOKEN_EXPIRED"]]);
    }
  });
});

describe("a member that comes with less time left", () => {
  test("is told by an alarm soon after it joined", () => {
    const fake = new FakeStream();
    const seat = fake.join("anna", { endsInMs: 20_000 });
    expect(seat.socket.sent).toEqual([]);
    const inMs = Number(fake.alarmAtMs) - fake.nowMs;
    // Not behind now: one that is overdue may never ring.
    expect([inMs >= 0, inMs <= GRAIN_MS]).toEqual([true, true]);
    fake.ring();
    expect(noticesOf(seat)).toHaveLength(1);
  });

  test("is told behind the answer to its register where that comes first, and not again by the alarm", () => {
    const fake = new FakeStream();
    const seat = fake.join("anna", { endsInMs: 20_000 });
    seat.send({ type: "register", consumes: ["*"] });
    expect(seat.socket.messages.map(({ type }) => type)).toEqual(["success", "auth-expiring"]);
    fake.ring();
    expect(noticesOf(seat)).toHaveLength(1);
  });

  test("and renews with as little is told halfway, so that it does not renew without a pause", async () => {
    const fake = new FakeStream();
    const seat = fake.member("anna", { consumes: [] }, { endsInMs: 40_000 });
    await renew(fake, seat, 40_000);
    fake.nowMs += 19_999;
    fake.stream.sweep();
    expect(noticesOf(seat)).toEqual([]);
    fake.nowMs += 1;
    fake.stream.sweep();
    expect(noticesOf(seat)).toHaveLength(1);
  });
});

describe("where the alarm is late", () => {
  test("a member is told within the grace, since it may still renew", () => {
    const fake = new FakeStream();
    const seat = fake.join("anna", { endsInMs: HOUR_MS });
    const endsAtMs = fake.nowMs + HOUR_MS;
    fake.nowMs = endsAtMs + GRACE_MS - 1;
    fake.stream.sweep();
    expect(seat.socket.messages).toEqual([{ type: "auth-expiring", expiresAt: endsAtMs }]);
  });

  test("a member whose grace is over is told that it ended, and nothing else", () => {
    const fake = new FakeStream();
    const seat = fake.join("anna", { endsInMs: HOUR_MS });
    fake.nowMs += HOUR_MS + GRACE_MS;
    fake.stream.sweep();
    expect(seat.socket.messages).toMatchObject([{ code: "TOKEN_EXPIRED" }]);
  });
});

describe("a socket of the release that told nobody", () => {
  test("is told a minute before its end", () => {
    const fake = new FakeStream();
    const seat = fake.join("anna", { endsInMs: HOUR_MS });
    const { noticeAtMs: _notice, origin: _origin, ...former } = attachmentOf("anna");
    const endsAtMs = fake.nowMs + HOUR_MS;
    seat.socket.serializeAttachment(writeAttachment({ ...former, endsAtMs } as never));
    fake.sleepAndWake();
    fake.nowMs = endsAtMs - NOTICE_MS - 1;
    fake.stream.sweep();
    expect(seat.socket.sent).toEqual([]);
    fake.nowMs += 1;
    fake.stream.sweep();
    expect(noticesOf(seat)).toEqual([{ type: "auth-expiring", expiresAt: endsAtMs }]);
  });

  test("renews without a name of the gateway", () => {
    const fake = new FakeStream();
    const seat = fake.join("anna");
    const { origin: _origin, ...former } = attachmentOf("anna");
    seat.socket.serializeAttachment(writeAttachment({ ...former, endsAtMs: fake.nowMs + HOUR_MS } as never));
    fake.sleepAndWake();
    seat.send({ type: "auth", token: "another.tok.en" });
    expect(fake.authorities.asked).toMatchObject([{ origin: "" }]);
  });
});

test("A member that does not read is closed by a notice that finds no room, and the others are told all the same", () => {
  const fake = new FakeStream();
  const stuck = fake.member("anna", { consumes: ["*"] }, { endsInMs: HOUR_MS });
  const other = fake.member("anna", { consumes: ["*"] }, { endsInMs: HOUR_MS });
  stuck.socket.bufferedAmount = 2_000_000;
  fake.nowMs += HOUR_MS - NOTICE_MS;
  fake.stream.sweep();
  expect([stuck.socket.closedWith?.code, noticesOf(other).length]).toEqual([4508, 1]);
});
