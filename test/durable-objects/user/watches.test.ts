// Which sockets of Workers are told of a revocation, and how many there are.
import { expect, test } from "vitest";
import type { Subject } from "../../../auth/revocation.ts";
import { readRevoked } from "../../../connection/watch.ts";
import { Watches } from "../../../durable-objects/user/watches.ts";
import { FakeSocket } from "../../support/fake-socket.ts";

const ANNA: Subject = { userId: "anna", sessionId: "phone", issuedAtS: 1000 };

/** Sockets of these connections, as a woken object finds them. */
function watching(...subjects: readonly Partial<Subject>[]) {
  const sockets = subjects.map(() => new FakeSocket());
  const before = new Watches(() => sockets);
  for (const [index, socket] of sockets.entries()) {
    before.add(socket, { connectionId: `c-${index}`, subject: { ...ANNA, ...subjects[index] } });
  }
  return { sockets, watches: new Watches(() => sockets) };
}

test("Those of the session are told, with the time that they may stay", () => {
  const { sockets, watches } = watching({}, { sessionId: "laptop" }, {});
  watches.tell({ userId: "anna", sessionId: "phone", issuedBeforeS: 1000 }, 5000);
  expect(sockets.map(({ sent }) => sent.map(readRevoked))).toEqual([[5000], [], [5000]]);
});

test("All of the user are told where all his sessions are revoked, but for those that were vouched for later", () => {
  const { sockets, watches } = watching({}, { sessionId: "laptop" }, { issuedAtS: 1001 });
  watches.tell({ userId: "anna", sessionId: undefined, issuedBeforeS: 1000 }, 0);
  expect(sockets.map(({ sent }) => sent.map(readRevoked))).toEqual([[0], [0], []]);
});

test("One that broke a moment ago keeps nobody else from being told", () => {
  const { sockets, watches } = watching({}, {});
  const [broken, whole] = sockets;
  if (broken !== undefined) broken.broken = true;
  watches.tell({ userId: "anna", sessionId: undefined, issuedBeforeS: 1000 }, 0);
  expect(whole?.sent).toHaveLength(1);
});

test.each([null, {}, { connectionId: "c", subject: { userId: "svc:x", sessionId: "s", issuedAtS: 1 } }, "text"])(
  "One that carries %j is closed at the next revocation, so that its Worker asks anew",
  (attachment) => {
    const socket = new FakeSocket();
    socket.serializeAttachment(attachment);
    new Watches(() => [socket]).tell({ userId: "anna", sessionId: undefined, issuedBeforeS: 1000 }, 0);
    expect([socket.sent, socket.closedWith?.code]).toEqual([[], 1000]);
  },
);

test("They are counted as long as they are open, and one that comes anew takes the place of the former", () => {
  const { sockets, watches } = watching({}, {});
  expect(watches.count).toBe(2);
  watches.forget("c-1");
  expect([watches.count, sockets.map(({ closedWith }) => closedWith?.code)]).toEqual([1, [undefined, 1000]]);
});
