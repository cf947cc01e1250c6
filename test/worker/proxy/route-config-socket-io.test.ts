// Routes to Socket.IO servers: what an entry of ROUTES may say of one, and what would say nothing and is reported.
import { expect, test } from "vitest";
import { readConfig } from "../../../worker/config.ts";
import { TEST_SECRET } from "../../support/session-token.ts";

const ROUTE = { path: "/runs", upstream: "https://runs.example", socketIo: true };

function read(...routes: readonly object[]) {
  const { config, problems } = readConfig({ BETTER_AUTH_SECRET: TEST_SECRET, ROUTES: JSON.stringify(routes) });
  return { problems: problems.map(({ variable, message }) => `${variable} ${message}`), config };
}

test.each([{}, { auth: "required" }, { stripPrefix: true, timeoutMs: 1000, setHeaders: { "x-key": "k" } }])(
  "A route to a Socket.IO server may say %j",
  (rest) => {
    const { config, problems } = read({ ...ROUTE, ...rest });
    expect(problems).toEqual([]);
    expect(config.routes.match("/runs/")).toMatchObject({ route: { socketIo: true, auth: "required" } });
  },
);

test.each(["optional", "none"])(
  "It may not let strangers in (%s): each CONNECT is checked there, so the entry would promise what it does not do",
  (auth) => {
    expect(read({ ...ROUTE, auth }).problems).toEqual([
      "ROUTES entry 1: `auth` must be required beside `socketIo`, where each CONNECT is checked",
    ]);
  },
);

test("It may not name methods: nothing but the upgrade of a WebSocket passes there", () => {
  expect(read({ ...ROUTE, methods: ["GET"] }).problems).toEqual([
    "ROUTES entry 1: `methods` means nothing beside `socketIo`, where only WebSockets pass",
  ]);
});

test("A route to something else may do both, and each problem of each entry is reported", () => {
  const other = { path: "/api", upstream: "https://api.example", auth: "none", methods: ["GET"], socketIo: false };
  expect(read(other, { ...ROUTE, auth: "none", methods: ["POST"] }).problems).toHaveLength(2);
  expect(read(other).problems).toEqual([]);
});
