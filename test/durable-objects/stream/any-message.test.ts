// Whether a stream answers messages of any content, from anybody and in any state, without throwing and in words it knows.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CODES } from "../../../protocol/codes.ts";
import { FakeStream } from "../../support/fake-stream.ts";

const RUNS = { seed: 20_261, numRuns: 300 };
const CONTROL = ["register", "frame-ack", "ping", "auth", "success", "error", "presence", "reconnect"];
const PAYLOAD = ["alert", "video-frame", "audio-frame", "chat", "status", "__proto__", "constructor", ""];
const FIELDS = [
  "streamId,clientType,produces,consumes,resume,window,batch,latest,ref,seq,token,id,data,severity,timestamp",
  "offset,epoch,userId,senderKind,receivedAt,dropped,origin,__proto__,toJSON,constructor",
].flatMap((names) => names.split(","));

const value = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>([], ["*"], ["alert"], ["video-frame"], "cam-1", 1, 0, -1, true, null),
  },
  {
    weight: 1,
    arbitrary: fc.record({ epoch: fc.constantFrom("", "id-1", 5), offset: fc.constantFrom<unknown>(0, 1, -1, "1") }),
  },
);
const message = fc
  .tuple(
    fc.oneof(fc.constantFrom<unknown>(...CONTROL, ...PAYLOAD), fc.jsonValue({ maxDepth: 1 })),
    fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 6 }),
  )
  // By its text, so that `__proto__` is a field as any other.
  .map(([type, fields]) => {
    const pairs = Object.entries(fields).map(([name, field]) => `${JSON.stringify(name)}:${JSON.stringify(field)}`);
    return `{${[`"type":${JSON.stringify(type)}`, ...pairs].join(",")}}`;
  });
const event = fc.record({
  chair: fc.nat(3),
  kind: fc.constantFrom("text", "text", "text", "bytes", "junk", "sleep", "ring"),
  text: message,
  payload: fc.uint8Array({ maxLength: 8 }),
});

/** Two of the owner, one of a reader, one who never registers. */
function seatsOf(fake: FakeStream) {
  const owner = fake.owner({ produces: ["*"], consumes: ["*", "presence"] });
  fake.allow({ public: true });
  return [owner, fake.join("anna"), fake.member("bob", { consumes: ["*"] }), fake.join("cleo")];
}

test("nothing throws, and whatever is told is a message of a known code", () => {
  let told = 0;
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 40 }), (events) => {
      const fake = new FakeStream();
      const seats = seatsOf(fake);
      for (const { chair, kind, text, payload } of events) {
        fake.nowMs += 2000; // less would be a flood, of which nothing is read
        const seat = seats[chair];
        if (kind === "text") seat?.send(text);
        else if (kind === "bytes") seat?.sendFrame(JSON.parse(text) as Record<string, unknown>, [...payload]);
        else if (kind === "junk") seat?.sendBytes(Uint8Array.from(payload).buffer);
        else if (kind === "sleep") fake.sleepAndWake();
        else fake.ring();
      }
      const errors = seats.flatMap(({ socket }) => socket.errorCodes);
      told += errors.length;
      expect(errors.filter((code) => typeof code !== "string" || !Object.hasOwn(CODES, code))).toEqual([]);
      expect(errors).not.toContain("INTERNAL");
    }),
    RUNS,
  );
  expect(told).toBeGreaterThan(1000);
});
