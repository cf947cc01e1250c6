// What happens to a claim while it waits for its user's list: others claim, delete, leave, and it is decided anew.
import { describe, expect, test } from "vitest";
import { FakeStream, type Seat, STREAM_ID } from "../../../support/fake-stream.ts";
import { user } from "../../../support/members.ts";

const PRODUCER = { type: "register", produces: ["*"], consumes: ["*"] };

/** A stream whose users' lists answer when the test says so, by the position of the question. */
function waiting() {
  const fake = new FakeStream();
  fake.users.room = undefined;
  const answer = async (index: number): Promise<void> => fake.users.asked[index]?.answer("room");
  const owner = (): unknown =>
    fake.storage.tables.includes("stream") ? fake.storage.rows("SELECT owner_id FROM stream")[0]?.["owner_id"] : null;
  /** What each list was told last. */
  const lists = (): Record<string, string> =>
    Object.fromEntries(fake.users.told.map(({ userId, event }) => [userId, event]));
  const erase = (userId: string) => fake.stream.managing.erase(user(userId), STREAM_ID);
  return { fake, answer, owner, lists, erase };
}

function join(fake: FakeStream, userId: string): Seat {
  const seat = fake.join(userId);
  seat.send(PRODUCER);
  return seat;
}

/** The stream as anna's, with the questions so far answered. */
async function owned() {
  const all = waiting();
  const anna = join(all.fake, "anna");
  await all.answer(0);
  anna.socket.forgetSent();
  return { ...all, anna };
}

test("Two sockets of one user who claim at once both register, and the list is told twice that it is his", async () => {
  const { fake, answer, owner, lists } = waiting();
  const seats = [join(fake, "anna"), join(fake, "anna")];
  await answer(1);
  await answer(0);
  // Of one session only the newer one stays: it is the camera that came back.
  expect(seats.map(({ socket }) => socket.messages)).toMatchObject([
    [{ type: "success" }],
    [{ type: "success" }, { code: "REPLACED" }],
  ]);
  expect([owner(), lists()]).toEqual(["anna", { anna: "owned" }]);
});

test("A PUT that claims first leaves who waited without a right", async () => {
  const { fake, answer, owner, lists } = waiting();
  const anna = join(fake, "anna");
  const change = fake.stream.managing.changeAccess(user("bob"), STREAM_ID, {}, () => fake.nowMs);
  await answer(1);
  await answer(0);
  expect(await change).toMatchObject({ owner: "bob" });
  expect([anna.socket.errorCodes, anna.socket.closedWith]).toEqual([["UNAUTHORIZED"], undefined]);
  expect([owner(), lists()]).toEqual(["bob", { anna: "not owned", bob: "owned" }]);
});

test("Who was let in by the one who claimed first is registered without a claim of his own", async () => {
  const { fake, answer, owner, lists } = waiting();
  const anna = join(fake, "anna");
  const body = { readers: ["anna"], writers: { anna: ["*"] } };
  const change = fake.stream.managing.changeAccess(user("bob"), STREAM_ID, body, () => fake.nowMs);
  await answer(1);
  await change;
  await answer(0);
  expect(anna.socket.messages).toMatchObject([{ type: "success" }]);
  expect([owner(), lists()]).toEqual(["bob", { anna: "not owned", bob: "owned" }]);
});

test("A PUT that waited is refused where a member claimed meanwhile", async () => {
  const { fake, answer, owner } = waiting();
  const change = fake.stream.managing.changeAccess(user("bob"), STREAM_ID, { public: true }, () => fake.nowMs);
  join(fake, "anna");
  await answer(1);
  await answer(0);
  expect(await change).toMatchObject({ code: "UNAUTHORIZED" });
  expect([owner(), fake.storage.rows("SELECT access_version FROM stream")]).toEqual(["anna", [{ access_version: 1 }]]);
});

test("Two PUTs of one user that claim at once are two changes of one list", async () => {
  const { fake, answer } = waiting();
  const change = (body: Record<string, unknown>) =>
    fake.stream.managing.changeAccess(user("anna"), STREAM_ID, body, () => fake.nowMs);
  const changes = [change({ public: true }), change({ readers: ["bob"] })];
  await answer(0);
  await answer(1);
  expect(await changes[0]).toMatchObject({ version: 2, public: true, readers: [] });
  expect(await changes[1]).toMatchObject({ version: 3, public: true, readers: ["bob"] });
});

describe("a member that leaves while its claim waits", () => {
  test("claims nothing, and the stream does not stay in its list", async () => {
    const { fake, answer, owner, lists } = waiting();
    join(fake, "anna").leave();
    await answer(0);
    expect([owner(), lists()]).toEqual([null, { anna: "not owned" }]);
  });

  test("leaves the stream to the next", async () => {
    const { fake, answer, owner, lists } = waiting();
    join(fake, "anna").leave();
    const bob = join(fake, "bob");
    await answer(0);
    await answer(1);
    expect(bob.socket.messages).toMatchObject([{ type: "success" }]);
    expect([owner(), lists()]).toEqual(["bob", { anna: "not owned", bob: "owned" }]);
  });

  test("loses what it sent behind", async () => {
    const { fake, answer } = waiting();
    const anna = join(fake, "anna");
    anna.send({ type: "alert" });
    anna.leave();
    await answer(0);
    expect([anna.socket.sent, fake.storage.tables]).toEqual([[], []]);
  });
});

describe("a stream that is deleted", () => {
  test("while another's claim waits ends that member too, and stays nobody's", async () => {
    const { fake, answer, owner, lists } = waiting();
    const [anna, bob] = [join(fake, "anna"), join(fake, "bob")];
    await answer(0);
    const erased = fake.stream.managing.erase(user("anna"), STREAM_ID);
    await answer(2);
    expect(await erased).toBeUndefined();
    expect([anna, bob].map(({ socket }) => socket.closedWith?.code)).toEqual([1008, 1008]);
    await answer(1);
    expect([owner(), lists()]).toEqual([null, { anna: "not owned", bob: "not owned" }]);
    expect(bob.socket.ofType("success")).toEqual([]);
  });

  test("while its owner's other claim waits stays deleted", async () => {
    const { fake, answer, owner, lists, erase } = waiting();
    join(fake, "anna");
    const second = join(fake, "anna");
    await answer(0);
    const erased = erase("anna");
    await answer(2);
    await erased;
    await answer(1);
    expect([owner(), second.socket.ofType("success"), lists()]).toEqual([null, [], { anna: "not owned" }]);
  });

  test("twice at once is not there the second time", async () => {
    const { answer, erase, lists } = await owned();
    const both = [erase("anna"), erase("anna")];
    await answer(1);
    await answer(2);
    expect(await both[0]).toBeUndefined();
    expect(await both[1]).toMatchObject({ code: "NOT_FOUND" });
    expect(lists()).toEqual({ anna: "not owned" });
  });

  test("and claimed anew meanwhile by another is not deleted by the second deletion", async () => {
    const { fake, answer, erase, lists, owner } = await owned();
    const both = [erase("anna"), erase("anna")];
    await answer(1);
    const bob = join(fake, "bob");
    await answer(3);
    await answer(2);
    expect(await both[1]).toMatchObject({ code: "NOT_FOUND" });
    expect([owner(), bob.socket.closedWith, lists()]).toEqual(["bob", undefined, { anna: "not owned", bob: "owned" }]);
  });

  test("and claimed anew meanwhile by the same user is a new life that the second deletion does not end", async () => {
    const { fake, answer, erase, lists, owner } = await owned();
    const both = [erase("anna"), erase("anna")];
    await answer(1);
    const again = join(fake, "anna");
    await answer(3);
    await answer(2);
    expect(await both[1]).toMatchObject({ code: "NOT_FOUND" });
    expect([owner(), again.socket.closedWith, lists()]).toEqual(["anna", undefined, { anna: "owned" }]);
  });

  test("and claimed anew counts its messages anew, and goes on above them after a sleep", () => {
    const fake = new FakeStream();
    const seqs: number[] = [];
    const publish = (): void => {
      const viewer = fake.member("anna", { consumes: ["note"] });
      fake.owner().send({ type: "note" });
      seqs.push(Number(viewer.socket.messages[0]?.["seq"]));
    };
    publish();
    expect(fake.stream.managing.erase(user("anna"), STREAM_ID)).toBeUndefined();
    publish();
    fake.sleepAndWake();
    publish();
    const [first = 0, second = 0, third = 0] = seqs;
    expect([second <= first, third > second]).toEqual([true, true]);
  });

  test("serves on while its deletion waits", async () => {
    const { answer, anna, erase } = await owned();
    const erased = erase("anna");
    anna.send({ type: "alert", ref: 1 });
    expect(anna.socket.ofType("success")).toMatchObject([{ offset: 1 }]);
    await answer(1);
    expect(await erased).toBeUndefined();
    expect(anna.socket.closedWith?.code).toBe(1008);
  });
});

test("A claim that the disk refuses ends the connection with INTERNAL, and the list stays unsure", async () => {
  const { fake, answer, lists } = waiting();
  fake.storage.sql.exec("CREATE TABLE stream (id INTEGER)");
  fake.storage.refuseClaims();
  const anna = join(fake, "anna");
  await answer(0);
  await Promise.all(fake.background);
  expect([anna.socket.errorCodes, anna.socket.closedWith?.code]).toEqual([["INTERNAL"], 1011]);
  expect(lists()).toEqual({ anna: "expect" });
});
