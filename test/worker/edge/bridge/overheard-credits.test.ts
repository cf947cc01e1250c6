// What is overheard of credits between a client and the object: who asks for them, who gives them, what is acknowledged.
import { expect, test } from "vitest";
import { successText } from "../../../../protocol/answers.ts";
import { OverheardCredits } from "../../../../worker/edge/bridge/overheard-credits.ts";

const REGISTERED = successText("Registration successful. Stream ID: cam-1", undefined, {});

/** What the last hop is told, in order. */
function overhearing() {
  const told: unknown[] = [];
  const credits = new OverheardCredits({
    registered: (window) => void told.push({ window }),
    acknowledge: (seq) => void told.push({ seq }),
  });
  const says = (...messages: readonly unknown[]): void =>
    credits.fromClient(messages.map((message) => JSON.stringify(message)).join("\n"));
  return { told, credits, says };
}

const register = (window?: number): unknown => ({ type: "register", streamId: "cam-1", window });
const ack = (seq: number): unknown => ({ type: "frame-ack", seq });

test("the window that a client asks for counts once the object has registered it", () => {
  const { told, credits, says } = overhearing();
  says(register(4));
  expect(told).toEqual([]);
  expect(credits.fromObject(REGISTERED)).toBe(true);
  expect(told).toEqual([{ window: 4 }]);
});

test("a client that asks for none is registered without", () => {
  const { told, credits, says } = overhearing();
  says(register());
  credits.fromObject(REGISTERED);
  expect(told).toEqual([{ window: undefined }]);
});

test("of several registrations the newest counts, also in one text", () => {
  const { told, credits, says } = overhearing();
  says(register(4), register(2));
  says(register(8));
  credits.fromObject(REGISTERED);
  expect(told).toEqual([{ window: 8 }]);
});

test("each acknowledgement of a client with credits is passed on, also behind others in one text", () => {
  const { told, credits, says } = overhearing();
  says(register(4));
  credits.fromObject(REGISTERED);
  says(ack(1));
  says({ type: "note" }, ack(2), ack(3));
  expect(told.slice(1)).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
});

test("who has no credits acknowledges nothing", () => {
  const { told, credits, says } = overhearing();
  says(ack(1));
  says(register());
  credits.fromObject(REGISTERED);
  says(ack(2));
  expect(told).toEqual([{ window: undefined }]);
});

test.each([
  ["an error", '{"type":"error","code":"UNAUTHORIZED","message":"Registration successful"}'],
  ["another success", '{"type":"success","message":"Authentication successful"}'],
  [
    "what another client wrote",
    '{"type":"chat","text":"{\\"type\\":\\"success\\",\\"message\\":\\"Registration successful"}',
  ],
  ["bytes", new TextEncoder().encode(REGISTERED).buffer],
])("%s is no registration", (_what, message) => {
  const { told, credits, says } = overhearing();
  says(register(4));
  expect(credits.fromObject(message)).toBe(false);
  expect(told).toEqual([]);
});

test.each(['"register"', '{"type":"register"', '{"type":"note","of":"register"}', '"register"\n"frame-ack"'])(
  "%s asks for nothing",
  (text) => {
    const { told, credits } = overhearing();
    credits.fromClient(text);
    credits.fromObject(REGISTERED);
    expect(told).toEqual([{ window: undefined }]);
  },
);
