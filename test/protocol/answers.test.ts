// Whether the texts of `success`, `error` and the keepalive are what clients parse.
import { describe, expect, test } from "vitest";
import { errorText, PING_TEXT, PONG_TEXT, successText } from "../../protocol/answers.ts";

describe("the keepalive", () => {
  test("is these bytes and no others, since the runtime compares them", () => {
    expect(PING_TEXT).toBe('{"type":"ping"}');
  });

  test("is answered with these bytes", () => {
    expect(PONG_TEXT).toBe('{"type":"pong"}');
  });
});

describe("an error", () => {
  test("says its code, the code's sentence, and whether to come back", () => {
    expect(JSON.parse(errorText("AUTH_FAILED"))).toEqual({
      type: "error",
      code: "AUTH_FAILED",
      message: "Invalid or expired token",
      temporary: false,
      reauth: true,
    });
  });

  test("has no field for a detail that is undefined", () => {
    const text = errorText("IDLE", { message: undefined, reason: undefined, retryAfterMs: undefined, ref: undefined });
    expect(text).toBe(errorText("IDLE"));
  });

  test("takes a more exact sentence instead of the code's own", () => {
    expect(JSON.parse(errorText("UNAUTHORIZED", { message: "No permission to read this stream" }))).toMatchObject({
      code: "UNAUTHORIZED",
      message: "No permission to read this stream",
    });
  });

  test("says why where a reason is given", () => {
    expect(JSON.parse(errorText("AUTH_FAILED", { reason: "expired" }))).toMatchObject({ reason: "expired" });
  });

  test("says how long to wait where that is known", () => {
    expect(JSON.parse(errorText("RATE_LIMITED", { retryAfterMs: 250 }))).toMatchObject({ retryAfterMs: 250 });
  });

  test.each(["a-1", "", 7, 0])("repeats the ref %j of the message that it answers", (ref) => {
    expect(JSON.parse(errorText("BAD_MESSAGE", { ref }))).toMatchObject({ ref });
  });
});

describe("a success", () => {
  test("says its message and nothing else where there is nothing else", () => {
    expect(JSON.parse(successText("Authentication successful", undefined))).toEqual({
      type: "success",
      message: "Authentication successful",
    });
  });

  test.each(["a-1", "", 7, 0])("repeats the ref %j of the message that it answers", (ref) => {
    expect(JSON.parse(successText("Stored", ref))).toMatchObject({ ref });
  });

  test("carries details beside its message", () => {
    expect(JSON.parse(successText("Stored", undefined, { offset: 3, duplicate: true }))).toEqual({
      type: "success",
      message: "Stored",
      offset: 3,
      duplicate: true,
    });
  });
});
