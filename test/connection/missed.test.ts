// What a consumer missed of each type: exact from its registration on, unknown after a sleep until one was sent.
import { expect, test } from "vitest";
import { Missed } from "../../connection/missed.ts";

test("Of a consumer that was there from the start each type is counted by itself, until one of it is sent", () => {
  const missed = new Missed(0);
  missed.add("video-frame", 1);
  missed.add("video-frame", 3);
  missed.add("audio-frame", 1);
  missed.sent("video-frame");
  expect(["video-frame", "audio-frame", "never-sent"].map((type) => missed.of(type))).toEqual([0, 1, 0]);
});

test("After a sleep a type is unknown, however many more are missed, and counted from the first that is sent", () => {
  const missed = new Missed(undefined);
  missed.add("video-frame", 2);
  const before = missed.of("video-frame");
  missed.sent("video-frame");
  missed.add("video-frame", 2);
  expect([before, missed.of("video-frame"), missed.of("audio-frame")]).toEqual([undefined, 2, undefined]);
});

test("Nothing has a count before something is missed, nor once it was told or a registration begins anew", () => {
  const missed = new Missed(0);
  const seen = [missed.isUncounted];
  for (const end of [() => missed.sent("video-frame"), () => missed.restart()]) {
    missed.add("video-frame", 1);
    seen.push(missed.isUncounted);
    end();
    seen.push(missed.isUncounted);
  }
  expect(seen).toEqual([true, false, true, false, true]);
});
