// The contract of the alert log over HTTP: pages of what was, and alerts from programs that hold no socket.
import { describe, expect, test } from "vitest";
import { type Contract, newStream, newUser, type Pair } from "./contract.ts";

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export function history(contract: Contract): void {
  async function ask(
    { streamId, userId }: Pick<Pair, "streamId" | "userId">,
    query = "",
    alert?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const Authorization = `Bearer ${await contract.signSession({ userId })}`;
    const post = { method: "POST", body: JSON.stringify(alert) };
    const response = await fetch(new URL(`/streams/${streamId}/alerts${query}`, contract.url()), {
      headers: { Authorization, "Content-Type": "application/json", ...headers },
      ...(alert === undefined ? {} : post),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** A pair on whose stream alerts 1 to `count` are stored. */
  async function openWithAlerts(count: number): Promise<Pair> {
    const pair = await contract.openPair();
    for (let ref = 1; ref <= count; ref += 1) pair.producer.send({ type: "alert", message: `number ${ref}`, ref });
    for (let ref = 1; ref <= count; ref += 1) await pair.producer.next("success");
    return pair;
  }

  const offsetsOf = ({ body }: Answer): unknown[] =>
    (body["alerts"] as { offset: number }[]).map(({ offset }) => offset);

  describe.concurrent("the history", () => {
    test("is read by pages, oldest first, each naming the next", async () => {
      const pair = await openWithAlerts(5);
      const { epoch } = pair;
      const first = await ask(pair, "?limit=2");
      expect(first).toMatchObject({ status: 200, body: { epoch, first: 1, head: 5, next: 2, truncated: false } });
      const second = await ask(pair, `?limit=2&after=2&epoch=${String(epoch)}`);
      expect(second.body).toMatchObject({ next: 4 });
      const third = await ask(pair, "?limit=2&after=4");
      expect(third.body).toMatchObject({ next: null });
      expect([first, second, third].flatMap(offsetsOf)).toEqual([1, 2, 3, 4, 5]);
    });

    test("holds each alert as it was sent", async () => {
      const pair = await openWithAlerts(1);
      const live = await pair.consumer.next("alert");
      const { body } = await ask(pair);
      expect(body["alerts"]).toEqual([live]);
    });

    test("is empty behind the head", async () => {
      const pair = await openWithAlerts(2);
      expect(await ask(pair, "?after=9")).toMatchObject({ status: 200, body: { alerts: [], next: null, head: 2 } });
    });

    test("of another epoch is a conflict", async () => {
      const pair = await openWithAlerts(1);
      expect(await ask(pair, "?epoch=another")).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
    });

    test("is for those who may read, and not there where nobody owns the stream", async () => {
      const { streamId } = await openWithAlerts(1);
      expect(await ask({ streamId, userId: newUser() })).toMatchObject({ status: 403, body: { code: "UNAUTHORIZED" } });
      expect(await ask({ streamId: newStream(), userId: newUser() })).toMatchObject({ status: 404 });
    });

    test.each(["?after=-1", "?after=x", "?limit=x", "?after=1.5"])("takes no query such as %s", async (query) => {
      expect(await ask(await openWithAlerts(0), query)).toMatchObject({ status: 400, body: { code: "BAD_REQUEST" } });
    });
  });

  describe.concurrent("an alert that is posted", () => {
    test("is durable, and reaches those who consume it", async () => {
      const pair = await contract.openPair();
      const answer = await ask(pair, "", { severity: "high", message: "posted", userId: "forged" });
      expect(answer).toMatchObject({
        status: 201,
        body: { offset: 1, epoch: pair.epoch, id: expect.any(String), delivered: 2 },
      });
      const { streamId, userId } = pair;
      expect(await pair.consumer.next("alert")).toMatchObject({ message: "posted", offset: 1, userId, streamId });
    });

    test.each([
      ["is not ASCII", { "Idempotency-Key": "caf\u00e9" }, {}],
      ["is empty", { "Idempotency-Key": "" }, {}],
      ["is another than the id of the body", { "Idempotency-Key": "one" }, { id: "two" }],
    ])("with a key that %s is refused, since two alerts could become one", async (_what, key, body) => {
      const { streamId, userId } = await contract.openPair();
      const headers = { ...key, Authorization: `Bearer ${await contract.signSession({ userId })}` };
      const response = await fetch(new URL(`/streams/${streamId}/alerts`, contract.url()), {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(400);
    });

    test("that is nested too deeply for any code that recurses is refused for good", async () => {
      const { streamId, userId } = await contract.openPair();
      const response = await fetch(new URL(`/streams/${streamId}/alerts`, contract.url()), {
        method: "POST",
        headers: {
          Authorization: `Bearer ${await contract.signSession({ userId })}`,
          "Content-Type": "application/json",
        },
        body: `{"x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
      });
      expect([response.status, await response.json()]).toMatchObject([400, { temporary: false }]);
    });

    test("again under the same id is told so, and another one under it is a conflict", async () => {
      const pair = await contract.openPair();
      const alert = { message: "once" };
      const key = { "Idempotency-Key": "my-key" };
      expect(await ask(pair, "", alert, key)).toMatchObject({ status: 201, body: { id: "my-key" } });
      expect(await ask(pair, "", alert, key)).toMatchObject({
        status: 200,
        body: { offset: 1, duplicate: true, delivered: 0 },
      });
      expect(await ask(pair, "", { message: "other", id: "my-key" })).toMatchObject({ status: 409 });
    });

    test("needs the right to write its type", async () => {
      const { streamId } = await contract.openPair();
      expect(await ask({ streamId, userId: newUser() }, "", { message: "x" })).toMatchObject({ status: 403 });
      expect(await ask({ streamId: newStream(), userId: newUser() }, "", { message: "x" })).toMatchObject({
        status: 404,
      });
    });

    test.each([
      [{ type: "video-frame", message: "x" }, 400],
      [{ message: "x", id: 7 }, 400],
      [[], 400],
      [{ message: "x".repeat(1_100_000) }, 413],
    ])("such as %j is refused with %i", async (alert, status) => {
      expect(await ask(await contract.openPair(), "", alert)).toMatchObject({ status });
    });
  });
}
