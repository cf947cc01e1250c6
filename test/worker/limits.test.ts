// What one client address may do in a minute, at the limits of production, on the platform's own counters.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, Refused } from "../support/client.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { PlainClient } from "../support/plain-client.ts";
import { signSession } from "../support/session-token.ts";

const LIMIT = 60;
/** Of so many in a row, that span two minutes of the clock at most, more than the limit fall into one of them. */
const MORE_THAN_TWO_MINUTES = 2 * LIMIT + 2;
/** A minute that is about to end would let the next one pass. */
const TIME_TO_LOOK_MS = 5000;

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  // Nobody listens there, and nobody comes so far.
  const ROUTES = JSON.stringify([{ path: "/behind", upstream: "http://127.0.0.1:1" }]);
  gateway = await startGateway({ MAX_MESSAGES_PER_S: "10", ROUTES }, undefined, "production");
  token = await signSession({ userId: "limited" });
});
afterAll(() => gateway.stop());

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly code?: string;
  readonly detail?: string;
  readonly retryAfterMs?: number;
}

async function ask(path: string, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(new URL(path, gateway.url), { headers });
  const body = (await response.json()) as Omit<Answer, "status">;
  return { ...body, status: response.status, retryAfter: response.headers.get("Retry-After") };
}

/** Asks in vain until it is told that this is too much, with enough of the minute left to look at what that means. */
async function askUntilTooMuch(path: string, headers: Record<string, string>): Promise<Answer & { times: number }> {
  for (let times = 1; ; times += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is what is counted
    const answer = await ask(path, headers);
    if (answer.status !== 401 && (answer.retryAfterMs ?? 0) > TIME_TO_LOOK_MS) return { ...answer, times };
  }
}

describe("failed credentials", () => {
  const from = (address: string, credential: string) => ({
    "CF-Connecting-IP": address,
    Authorization: `Bearer ${credential}`,
  });

  test("of one address are refused unseen from the one behind the limit on, and good ones with them", async () => {
    const refused = await askUntilTooMuch("/streams", from("192.0.2.1", "forged"));
    expect(refused.times).toBeGreaterThan(LIMIT);
    expect(refused).toMatchObject({ status: 429, code: "RATE_LIMITED", detail: expect.stringContaining("failed") });
    expect(refused.retryAfter).toBe(String(Math.ceil((refused.retryAfterMs ?? 0) / 1000)));

    expect(await ask("/streams", from("192.0.2.1", token))).toMatchObject({ status: 429, code: "RATE_LIMITED" });
    const upgrade = Client.connect(new URL("/ws", gateway.url), [], { headers: from("192.0.2.1", token) });
    await expect(upgrade).rejects.toEqual(new Refused(429));
    const phone = await Client.connect(new URL("/streams/register", gateway.url), [], {
      headers: { "CF-Connecting-IP": "192.0.2.1" },
    });
    phone.send({ type: "auth", token });
    const error = await phone.nextError("RATE_LIMITED");
    expect(error).toMatchObject({ temporary: true, reauth: false, retryAfterMs: expect.any(Number) });
    expect(await phone.closed()).toMatchObject({ code: 4429 });

    expect(await ask("/streams", from("192.0.2.2", token))).toMatchObject({ status: 200 });
  });

  test("count together however their IPv6 address is written, and wherever in its 64 bits they come from", async () => {
    const refused = await askUntilTooMuch("/streams", from("2001:db8:1:1::1", "forged"));
    expect(refused.code).toBe("RATE_LIMITED");
    expect(await ask("/streams", from("2001:0DB8:1:1:ffff::9", token))).toMatchObject({ status: 429 });
    expect(await ask("/streams", from("2001:db8:1:2::1", token))).toMatchObject({ status: 200 });
  });

  test("count by what the platform saw and not by what a client says of itself", async () => {
    const names = ["X-Forwarded-For", "X-Real-IP", "True-Client-IP", "Forwarded", "X-Client-IP"];
    let times = 0;
    const said = (): Record<string, string> => {
      times += 1;
      return Object.fromEntries(names.map((name) => [name, `198.51.100.${times % 250}`]));
    };
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is what is counted
      const { status } = await ask("/streams", { ...said(), ...from("192.0.2.3", "forged") });
      if (status === 429) break;
      expect(times).toBeLessThan(MORE_THAN_TWO_MINUTES);
    }
    expect(times).toBeGreaterThan(LIMIT);
  });
});

describe("upgrades", () => {
  const from = (address: string, headers: Record<string, string> = {}) => ({
    headers: { "CF-Connecting-IP": address, Authorization: `Bearer ${token}`, ...headers },
  });

  test("of one address are refused behind the limit: by status, and a browser inside its socket", async () => {
    const door = new URL("/ws", gateway.url);
    const clients: Client[] = [];
    const outcome = async (): Promise<unknown> => {
      for (let times = 0; times < MORE_THAN_TWO_MINUTES; times += 1) {
        try {
          // oxlint-disable-next-line no-await-in-loop -- one after the other is what is counted
          clients.push(await Client.connect(door, [], from("192.0.2.4")));
        } catch (error) {
          return error;
        }
      }
      return undefined;
    };
    expect(await outcome()).toEqual(new Refused(429));
    expect(clients.length).toBeGreaterThanOrEqual(LIMIT);
    for (const client of clients) client.close();

    const closed = async (): Promise<unknown> => {
      for (let times = 0; times < MORE_THAN_TWO_MINUTES; times += 1) {
        // oxlint-disable-next-line no-await-in-loop -- until one is refused
        const browser = await Client.connect(door, [], from("192.0.2.4", { Origin: "https://app.example" }));
        // oxlint-disable-next-line no-await-in-loop -- as above
        const first = await Promise.race([browser.nextError("RATE_LIMITED"), browser.register({ streamId: "limits" })]);
        if (first.type === "error") return [first, await browser.closed()];
        browser.close();
      }
      return undefined;
    };
    expect(await closed()).toMatchObject([{ temporary: true, retryAfterMs: expect.any(Number) }, { code: 4429 }]);
  });

  test("on a route count too, before anybody is looked at", async () => {
    const statuses = new Set<number>();
    for (let times = 0; times < MORE_THAN_TWO_MINUTES && !statuses.has(429); times += 1) {
      // Nothing is shown, so no failed credential is counted.
      const headers = { "CF-Connecting-IP": "192.0.2.6" };
      // oxlint-disable-next-line no-await-in-loop -- one after the other is what is counted
      const answer = await PlainClient.knock(new URL("/behind", gateway.url), [], { headers });
      if (!(answer instanceof PlainClient)) statuses.add(answer.status);
    }
    expect(statuses).toEqual(new Set([401, 429]));
  });

  test("of other addresses pass meanwhile, and so does who is in", async () => {
    const client = await Client.connect(new URL("/ws", gateway.url), [], from("192.0.2.5"));
    expect(await client.register({ streamId: "limits-2" })).toMatchObject({ userId: "limited" });
  });
});

test("a user who asks over HTTP without end is told to wait, and others are not", async () => {
  const headers = { Authorization: `Bearer ${await signSession({ userId: "in-a-loop" })}` };
  const answers = await Promise.all(Array.from({ length: 200 }, () => ask("/streams", headers)));
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(20);
  expect(refused[0]).toMatchObject({ code: "RATE_LIMITED", detail: "Too many requests", retryAfter: "1" });
  expect(await ask("/streams", { Authorization: `Bearer ${token}` })).toMatchObject({ status: 200 });
});
