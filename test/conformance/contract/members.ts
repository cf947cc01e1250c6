// The contract between users: they are kept apart.
import { describe, expect, test } from "vitest";
import { type Contract, newStream, newUser } from "./contract.ts";

export function members(contract: Contract): void {
  describe.concurrent("two users", () => {
    test("are kept apart: the second is refused before the socket opens", async () => {
      const { streamId } = await contract.openPair();
      const token = await contract.signSession({ userId: newUser() });
      const refusal = await contract.refusal(contract.streamUrl(streamId, `?token=${token}`));
      expect(refusal).toMatchObject({ status: 403, code: "UNAUTHORIZED" });
    });

    test("are kept apart: who waited before the owner came is told so and receives nothing", async () => {
      const streamId = newStream();
      const lurker = await contract.connect(streamId, { userId: newUser() });
      await lurker.register({ consumes: ["*"] });
      const { producer, consumer } = await contract.openPair(streamId);
      await lurker.nextError("UNAUTHORIZED");
      producer.sendFrame({ type: "video-frame" });
      producer.send({ type: "alert", message: "private" });
      await consumer.next("alert");
      await lurker.caughtUp();
      expect(lurker.unread).toEqual([]);
    });

    test("who register at once on a new stream leave exactly one owner", async () => {
      const streamId = newStream();
      const clients = await Promise.all(
        Array.from({ length: 5 }, () => contract.connect(streamId, { userId: newUser() })),
      );
      for (const client of clients) client.send({ type: "register", produces: ["video-frame"] });
      const outcomes = await Promise.all(
        clients.map((client) =>
          Promise.race([
            client.next("success").then(() => "owner"),
            client.nextError("UNAUTHORIZED").then(() => "refused"),
          ]),
        ),
      );
      expect(outcomes.toSorted()).toEqual(["owner", "refused", "refused", "refused", "refused"]);
    });
  });
}
