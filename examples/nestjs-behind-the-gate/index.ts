// `npx node examples/nestjs-behind-the-gate/index.ts`: a NestJS server of runs, to be reached through the gate alone.
//
//   npx node examples/nestjs-behind-the-gate/index.ts              behind the gate, which the wrangler.toml beside it starts
//   npx node examples/nestjs-behind-the-gate/index.ts --exposed    with a guard of its own, and the hole that this leaves: `run-1`
//   … --port 4001                                                  instead of 4000; the route has to name the same
//   … --gate https://streams.example.com                           instead of http://localhost:8787
import { parseArgs } from "node:util";
import { buildServer } from "./build.ts";

/** How often something happens in each run. */
const EVENT_INTERVAL_MS = 1000;

const { values } = parseArgs({
  options: {
    exposed: { type: "boolean", default: false },
    port: { type: "string", default: "4000" },
    gate: { type: "string", default: "http://localhost:8787" },
  },
});
const token = process.env["WS_AUTH_TOKEN"] ?? "";
if (values.exposed && token === "") fail("--exposed takes the token that its clients show from WS_AUTH_TOKEN");
const gate = { origin: new URL(values.gate).origin, audience: `http://127.0.0.1:${values.port}` };

const { startServer } = await buildServer();
const { runs, url } = await startServer(
  values.exposed ? { kind: "exposed", token } : { kind: "gated", gate },
  Number(values.port),
);
console.log(`Runs are served on ${url.origin}, ${values.exposed ? "to whoever comes" : `to the gate ${gate.origin}`}.`);
// There it has no users who could start one.
if (values.exposed) runs.start("run-1", "nobody");
setInterval(() => {
  for (const runId of runs.started()) runs.publish(runId, { text: `step of ${new Date().toISOString()}` });
}, EVENT_INTERVAL_MS);

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
