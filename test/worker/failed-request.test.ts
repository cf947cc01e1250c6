// What a client reads where an object fails: what passes is told so, and a bug is one.
import { afterEach, expect, test, vi } from "vitest";
import { answerFailure } from "../../worker/failed-request.ts";

afterEach(() => void vi.restoreAllMocks());

async function toldOf(failure: unknown): Promise<{ status: number; code: unknown }> {
  const response = answerFailure(failure);
  return { status: response.status, code: ((await response.json()) as { code: unknown }).code };
}

test.each([{ overloaded: true }, { retryable: true }])("%j passes, so a client may come back", async (mark) => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const failure = Object.assign(new Error("the object is busy"), mark);
  expect([await toldOf(failure), log.mock.calls]).toEqual([{ status: 503, code: "OVERLOADED" }, []]);
});

test.each([new RangeError("5ecret"), { overloaded: "true" }, null])(
  "%o is a bug, and is logged without its text",
  async (bug) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    expect(await toldOf(bug)).toEqual({ status: 500, code: "INTERNAL" });
    expect(log.mock.calls).toEqual([[expect.not.stringContaining("5ecret")]]);
  },
);
