// How the demo decides whether the model was right, and that its clip is what it believes.
import { describe, expect, test } from "vitest";
import { readClip, splitJpegs } from "../../../examples/camera/clip.ts";
import { Judge } from "../../../examples/camera/judge.ts";
import { cookieValue } from "../../../examples/camera/sign-up.ts";

/** Two passes, frame `index` of pass `pass` at the time `pass * 100 + index`. */
function judgeOfTwoPasses(): Judge {
  const judge = new Judge();
  for (const pass of [0, 1]) {
    for (let index = 0; index < 100; index += 1) judge.noteSent(pass * 100 + index, { pass, index });
  }
  return judge;
}

describe("the model", () => {
  test("is right where all its alerts come from the moving part", () => {
    const judge = judgeOfTwoPasses();
    expect(judge.noteAlert(60, 59)).toBe("moving");
    expect(judge.failure).toBeUndefined();
  });

  test("is wrong with one alert from the still part", () => {
    const judge = judgeOfTwoPasses();
    judge.noteAlert(60, 59);
    expect(judge.noteAlert(139, 138)).toBe("still");
    expect(judge.failure).toContain("nothing moves");
  });

  test("is wrong without any alert", () => {
    expect(judgeOfTwoPasses().failure).toContain("no alert");
  });

  test("is wrong about a frame that was never sent", () => {
    expect(judgeOfTwoPasses().noteAlert(5000, 4999)).toBe("still");
    expect(judgeOfTwoPasses().noteAlert(undefined, undefined)).toBe("still");
  });

  test("is not judged by a frame that it compared with one from before the wrap", () => {
    const judge = judgeOfTwoPasses();
    expect(judge.noteAlert(101, 99)).toBe("not-judged");
    expect(judge.failure).toContain("no alert");
  });
});

describe("the clip", () => {
  test("holds a hundred whole JPEGs", () => {
    const frames = readClip();
    expect(frames).toHaveLength(100);
    for (const frame of frames) {
      expect([...frame.subarray(0, 2), ...frame.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
    }
  });

  test("loses no byte when it is split", () => {
    const bytes = Buffer.from([0xff, 0xd8, 1, 0xff, 0xd9, 0xff, 0xd8, 2, 0xff, 0xd9]);
    expect(Buffer.concat(splitJpegs(bytes))).toEqual(bytes);
    expect(splitJpegs(bytes)).toHaveLength(2);
  });
});

describe("the cookie of a sign-up", () => {
  test("is found by its exact name", () => {
    const lines = ["a.session_data.0=x; Path=/", "a.session_data=the.token; Max-Age=300; Path=/"];
    expect(cookieValue(lines, "a.session_data")).toBe("the.token");
    expect(cookieValue(lines, "session_data")).toBeUndefined();
  });
});
