// What every part of the contract is tried with: a gateway's URL, tokens that it takes, and pairs of connections.
import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { Client } from "../../support/client.ts";
import type { SessionOptions } from "../../support/session-token.ts";

export interface ContractOptions {
  /** The gateway, asked for when the tests run. */
  readonly url: () => URL;
  /** A token that the gateway accepts, for a session of the given life. */
  readonly signSession: (session?: SessionOptions) => Promise<string>;
  /** Takes the stream's object out of memory while its sockets stay. */
  readonly sleep: (streamId: string) => Promise<void>;
  /** Takes it out of memory with its sockets, as a deploy or a crash does. */
  readonly crash: (streamId: string) => Promise<void>;
  /** `AUTH_GRACE_S` of the gateway. */
  readonly graceS: number;
  /** `ADMIN_KEY` of the gateway; what an operator does is not tried without it. */
  readonly adminKey?: string;
}

/** The grain of the gateway's alarm: how much later than a deadline it may act. */
export const ALARM_GRAIN_MS = 5000;

export const newStream = (): string => `stream-${randomUUID()}`;
export const newUser = (): string => `user-${randomUUID()}`;

/** The main door, and what it takes to get in. */
export interface Door extends Pick<ContractOptions, "url" | "signSession"> {
  readonly streamUrl: (streamId: string, query?: string) => URL;
  /** Straight through, as a new user or the one of the session. */
  readonly connect: (streamId: string, session?: SessionOptions) => Promise<Client>;
}

export interface Contract extends ContractOptions, Door {
  /** A producer of frames and alerts, and a consumer of everything, of the same user. */
  readonly openPair: (streamId?: string, userId?: string) => Promise<Pair>;
  /** Asks for an upgrade as a client without an Origin does, and reads the refusal. */
  readonly refusal: (target: string | URL, headers?: Record<string, string>) => Promise<Refusal>;
}

export interface Pair {
  readonly streamId: string;
  readonly userId: string;
  readonly epoch: unknown;
  readonly producer: Client;
  readonly consumer: Client;
}

export interface Refusal {
  readonly status: number;
  readonly code: unknown;
  readonly headers: Record<string, string>;
  readonly [member: string]: unknown;
}

export function makeDoor({ url, signSession }: Pick<ContractOptions, "url" | "signSession">): Door {
  const streamUrl = (streamId: string, query = ""): URL => new URL(`/streams/${streamId}${query}`, url());
  const connect = async (streamId: string, session: SessionOptions = { userId: newUser() }): Promise<Client> =>
    Client.connect(streamUrl(streamId), ["sluice.v1", `bearer.${await signSession(session)}`]);
  return { url, signSession, streamUrl, connect };
}

export function makeContract(options: ContractOptions): Contract {
  const door = makeDoor(options);
  const { connect } = door;
  const openPair = async (streamId = newStream(), userId = newUser()): Promise<Pair> => {
    const producer = await connect(streamId, { userId });
    const { epoch } = await producer.register({ produces: ["video-frame", "alert", "chat"], consumes: ["alert"] });
    const consumer = await connect(streamId, { userId });
    await consumer.register({ consumes: ["*"] });
    return { streamId, userId, epoch, producer, consumer };
  };
  return { ...options, ...door, openPair, refusal };
}

function refusal(target: string | URL, headers: Record<string, string> = {}): Promise<Refusal> {
  const { promise, resolve, reject } = Promise.withResolvers<Refusal>();
  const upgrade = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": Buffer.from(randomUUID().slice(0, 16)).toString("base64"),
  };
  request(target, { headers: { ...upgrade, ...headers } }, (response) => {
    let body = "";
    response.on("data", (chunk: Buffer) => (body += chunk.toString()));
    response.on("end", () => {
      const status = response.statusCode ?? 0;
      resolve({ ...(JSON.parse(body) as Refusal), status, headers: response.headers as Record<string, string> });
    });
  })
    .on("upgrade", (_response, socket) => {
      socket.destroy();
      reject(new Error("the upgrade was not refused"));
    })
    .on("error", reject)
    .end();
  return promise;
}
