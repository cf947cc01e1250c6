// Streams that must hear of a revocation since a ticket of the user may be in use there.
import { expect, test } from "vitest";
import { TicketStreams } from "../../../durable-objects/user/ticket-streams.ts";
import { MemoryStorage } from "../../support/memory-storage.ts";

test("A stream stays until the last socket there has ended, also over a restart", () => {
  const storage = new MemoryStorage();
  const streams = new TicketStreams(storage);
  expect(streams.streamIds).toEqual([]);
  streams.note({ streamId: "cam", untilMs: 500 }, 1);
  streams.note({ streamId: "door", untilMs: 100 }, 1);
  streams.note({ streamId: "cam", untilMs: 300 }, 2);
  expect(new TicketStreams(storage).streamIds).toEqual(["cam", "door"]);
  streams.note({ streamId: "lawn", untilMs: 900 }, 400);
  expect(streams.streamIds).toEqual(["cam", "lawn"]);
  streams.note({ streamId: "lawn", untilMs: 900 }, 500);
  expect(streams.streamIds).toEqual(["lawn"]);
});

test("A socket that lives longer than those before keeps its stream for as long", () => {
  const streams = new TicketStreams(new MemoryStorage());
  streams.note({ streamId: "cam", untilMs: 100 }, 1);
  streams.note({ streamId: "cam", untilMs: 300 }, 2);
  streams.note({ streamId: "door", untilMs: 900 }, 200);
  expect(streams.streamIds).toEqual(["cam", "door"]);
});
