// A text of several messages on its way to a client: whole where nothing waits, and otherwise each by the rule of its lane.
import { describe, expect, test } from "vitest";
import { LastHop } from "../../../../worker/edge/bridge/last-hop.ts";

const BOUNDS = { consumerBufferBytes: 1000, objectBufferBytes: 5000, stallMs: 30_000 };
/** So much waits that a frame finds no room, and other messages do. */
const BEHIND = 600;
const NOTE = '{"type":"note","seq":1,"receivedAt":5}';
const ALERT = '{"type":"alert","seq":2,"receivedAt":5,"id":"a","offset":1,"epoch":"e"}';

const frame = (seq: number, pad = ""): string =>
  JSON.stringify({ type: "video-frame", pad, seq, receivedAt: 5, dropped: 0 });

function start(window?: number) {
  const sent: (string | ArrayBuffer)[] = [];
  let isBroken = false;
  const link = {
    bufferedAmount: 0,
    send: (message: string | ArrayBuffer): void => {
      if (isBroken) throw new Error("Network connection lost.");
      sent.push(message);
    },
  };
  const hop = new LastHop(link, BOUNDS, { bytes: 0, add: () => undefined });
  hop.registered(window);
  /** What becomes of lines in one text where so much waits for the client. */
  const pass = (lines: readonly string[], waiting = 0) => {
    link.bufferedAmount = waiting;
    return hop.pass(lines.join("\n"), 0);
  };
  const breakLine = () => {
    isBroken = true;
  };
  return { sent, hop, pass, breakLine };
}

test("Where nothing waits the text leaves as it came", () => {
  const { sent, pass } = start();
  expect(pass([NOTE, frame(1), ALERT])).toBe("sent");
  expect(sent).toEqual([[NOTE, frame(1), ALERT].join("\n")]);
});

describe("where the client is behind", () => {
  test("a frame waits, and what may not be missed is sent, each by itself and in order", () => {
    const { sent, pass } = start();
    expect(pass([NOTE, frame(1), ALERT], BEHIND)).toBe("waits");
    expect(sent).toEqual([NOTE, ALERT]);
  });

  test("of several frames in one text the newest leaves once there is room, with what gave way for it", () => {
    const { sent, hop, pass } = start();
    pass([frame(1), NOTE, frame(2)], BEHIND);
    expect(pass([NOTE])).toBe("sent");
    hop.look(0);
    expect(sent).toEqual([NOTE, NOTE, frame(2).replace('"dropped":0', '"dropped":1')]);
  });

  test("nothing behind a message that finds no room is sent, since the client must go", () => {
    const { sent, pass } = start();
    expect(pass([NOTE, `"${"x".repeat(500)}"`, ALERT], BEHIND)).toBe("overflow");
    expect(sent).toEqual([NOTE]);
  });

  test("nothing is tried behind a message that found the line broken", () => {
    const { sent, pass, breakLine } = start();
    breakLine();
    expect([pass([NOTE, frame(1, "x".repeat(900))], BEHIND), sent]).toEqual(["broken", []]);
  });
});

test("A client without credits is sent the other messages of the text, and its frame awaits them", () => {
  const { sent, pass } = start(1);
  expect(pass([frame(1), frame(2), NOTE])).toBe("awaits-credit");
  expect(sent).toEqual([frame(1), NOTE]);
});

test("No frame waits any more for a client that was told to go", () => {
  const { sent, hop, pass } = start();
  pass([frame(1)], BEHIND);
  hop.forget();
  expect([hop.waitingBytes, pass([NOTE]), hop.look(0)]).toEqual([0, "sent", "clear"]);
  expect(sent).toEqual([NOTE]);
});

test("Once a client that was behind has read all, a text leaves as it came again", () => {
  const { sent, hop, pass } = start();
  pass([frame(1)], BEHIND);
  pass([NOTE]);
  hop.look(0);
  const text = [NOTE, frame(2)];
  expect(pass(text)).toBe("sent");
  expect(sent.at(-1)).toBe(text.join("\n"));
});
