// `npm run doctor`: checks a deployment's configuration against a running auth server, and says what to change.
//
//   npm run doctor -- --env production --auth https://app.example --email me@app.example --password …
//   npm run doctor -- --gateway https://gate.example --token …
//
// Prints no secret and no token; creates nothing but a session, which it ends. Exits with 1 where something is wrong.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { examine, type Request } from "./doctor/examine.ts";
import { toLine } from "./doctor/finding.ts";
import { ROOT } from "./wrangler.ts";

const USAGE = `npm run doctor -- [--env NAME] [--config wrangler.toml] [--gateway URL] [--auth URL]
                  [--email ADDRESS --password PASSWORD | --token TOKEN] [--json]

Password and token may stand in DOCTOR_PASSWORD and DOCTOR_TOKEN, where no list of processes shows them.`;

const request = readRequest();
const findings = await examine(request);
const isWrong = findings.some(({ level }) => level === "wrong");
if (request.asJson) console.log(JSON.stringify({ ok: !isWrong, findings }, null, 2));
else for (const finding of findings) console.log(toLine(finding));
process.exitCode = isWrong ? 1 : 0;

function readRequest(): Request & { readonly asJson: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        env: { type: "string" },
        config: { type: "string", default: join(ROOT, "wrangler.toml") },
        gateway: { type: "string" },
        auth: { type: "string" },
        email: { type: "string" },
        password: { type: "string", default: process.env["DOCTOR_PASSWORD"] },
        token: { type: "string", default: process.env["DOCTOR_TOKEN"] },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const { email, password } = values;
    if (values.help) end(USAGE, 0);
    if (email !== undefined && password === undefined) end(`--email needs --password\n\n${USAGE}`, 1);
    return {
      configPath: values.config,
      environment: values.env,
      gateway: readUrl("--gateway", values.gateway),
      authServer: readUrl("--auth", values.auth),
      token: values.token?.replace(/^bearer +/i, "").trim(),
      account: email === undefined || password === undefined ? undefined : { email, password },
      asJson: values.json,
    };
  } catch (error) {
    end(`${error instanceof Error ? error.message : "unknown flags"}\n\n${USAGE}`, 1);
  }
}

function readUrl(flag: string, text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    end(`${flag} takes an address such as https://app.example`, 1);
  return url;
}

function end(text: string, code: number): never {
  (code === 0 ? console.log : console.error)(text);
  process.exit(code);
}
