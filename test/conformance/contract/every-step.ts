// The contract at every step of a connection's life: the stream's object may leave memory between any two of them.
import { describe, expect, test } from "vitest";
import { Client } from "../../support/client.ts";
import { type Contract, newStream, newUser } from "./contract.ts";

/** What is done between two steps; the steps are named so that a failure says which. */
type Between = (step: Step, streamId: string) => Promise<void>;

const STEPS = [
  "camera connected",
  "camera registered",
  "viewer connected",
  "viewer registered",
  "alert stored",
  "alert seen",
  "frame seen",
  "reader let in",
  "reader registered",
  "second alert seen",
  "reader gone",
  "reader back",
] as const;
type Step = (typeof STEPS)[number];

type Door = (streamId: string, userId: string) => Promise<Client>;

export function everyStep(contract: Contract): void {
  const DOORS: readonly (readonly [string, Door])[] = [
    ["straight through the main door", (streamId, userId) => contract.connect(streamId, { userId })],
    [
      "held, with the token as first message",
      async (streamId, userId) => {
        const client = await Client.connect(contract.streamUrl(streamId));
        client.send({ type: "auth", token: await contract.signSession({ userId }) });
        await client.next("success");
        return client;
      },
    ],
  ];

  /** One whole life of a stream, as its clients see it. */
  async function live(door: Door, between: Between): Promise<unknown> {
    const streamId = newStream();
    const userId = newUser();
    const friendId = newUser();
    const step = (name: Step): Promise<void> => between(name, streamId);
    const story: unknown[] = [];
    const tell = (who: string, { type, offset, message, event, code }: Record<string, unknown>): void => {
      story.push([who, type, offset ?? message ?? event ?? code]);
    };
    const camera = await door(streamId, userId);
    await step("camera connected");
    const { epoch } = await camera.register({ produces: ["video-frame", "alert"], consumes: ["presence"] });
    tell("camera", await camera.next("presence"));
    await step("camera registered");
    const viewer = await door(streamId, userId);
    await step("viewer connected");
    await viewer.register({ consumes: ["*"] });
    tell("camera", await camera.next("presence"));
    await step("viewer registered");
    camera.send({ type: "alert", message: "first", id: "a", ref: 1 });
    tell("camera", await camera.next("success"));
    await step("alert stored");
    camera.send({ type: "alert", message: "first", id: "a", ref: 2 });
    expect(await camera.next("success")).toMatchObject({ offset: 1, epoch, duplicate: true });
    tell("viewer", await viewer.next("alert"));
    await step("alert seen");
    camera.sendFrame({ type: "video-frame" });
    tell("viewer", (await viewer.nextFrame()).header);
    await step("frame seen");
    await letIn(streamId, userId, friendId);
    await step("reader let in");
    const reader = await door(streamId, friendId);
    const { recovered } = await reader.register({ consumes: ["alert"], resume: { epoch, offset: 0 } });
    story.push(["reader", "recovered", recovered]);
    tell("reader", await reader.next("alert"));
    tell("camera", await camera.next("presence"));
    await step("reader registered");
    camera.send({ type: "alert", message: "second", ref: 3 });
    for (const [who, client] of Object.entries({ viewer, reader })) tell(who, await client.next("alert"));
    await step("second alert seen");
    reader.close();
    tell("camera", await camera.next("presence"));
    await step("reader gone");
    camera.send({ type: "alert", message: "third", ref: 4 });
    const back = await door(streamId, friendId);
    await back.register({ consumes: ["alert"], resume: { epoch, offset: 2 } });
    tell("reader", await back.next("alert"));
    await step("reader back");
    camera.send({ type: "alert", message: "fourth" });
    tell("reader", await back.next("alert"));
    for (const client of [camera, viewer, back]) client.close();
    return story;
  }

  async function letIn(streamId: string, userId: string, friendId: string): Promise<void> {
    const response = await fetch(new URL(`/streams/${streamId}/access`, contract.url()), {
      method: "PUT",
      headers: {
        Authorization: `Bearer ${await contract.signSession({ userId })}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ readers: [friendId] }),
    });
    expect(response.status).toBe(200);
  }

  describe.concurrent.each(DOORS)("a life %s", (_how, door) => {
    let undisturbed: Promise<unknown> | undefined;
    const asUsual = (): Promise<unknown> => (undisturbed ??= live(door, () => Promise.resolve()));

    test.each(STEPS)("is the same where the stream sleeps after the step: %s", async (when) => {
      const disturbed = await live(door, async (step, streamId) => {
        if (step === when) await contract.sleep(streamId);
      });
      expect(disturbed).toEqual(await asUsual());
    });

    test("is the same where the stream sleeps after each step", async () => {
      expect(await live(door, (_step, streamId) => contract.sleep(streamId))).toEqual(await asUsual());
    });
  });

  describe.concurrent("an object that is lost with its sockets", () => {
    test.each(DOORS)("costs no alert, and none comes twice, %s", async (_how, door) => {
      const { streamId, userId, epoch, producer } = await contract.openPair();
      const seen: unknown[] = [];
      for (let round = 0; round < 3; round += 1) {
        const viewer = await door(streamId, userId);
        await viewer.register({ consumes: ["alert"], resume: { epoch, offset: seen.length } });
        const camera = round === 0 ? producer : await door(streamId, userId);
        if (round > 0) await camera.register({ produces: ["alert"] });
        for (let count = 0; count < 3; count += 1) camera.send({ type: "alert", message: "now", ref: count });
        // One is seen live, the others are stored and on their way, or in the next replay.
        seen.push((await viewer.next("alert"))["offset"]);
        for (let count = 0; count < 3; count += 1) await camera.next("success");
        await contract.crash(streamId);
        await viewer.closed();
        for (const message of viewer.unread) if ("offset" in message) seen.push(message["offset"]);
      }
      const last = await door(streamId, userId);
      await last.register({ consumes: ["alert"], resume: { epoch, offset: seen.length } });
      while (seen.length < 9) seen.push((await last.next("alert"))["offset"]);
      expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });
  });
}
