// The contract, tried on the gateway that the top-level wrangler.toml describes.
import { afterAll, beforeAll } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { signSession } from "../support/session-token.ts";
import { gatewayContract } from "./gateway-contract.ts";

const ADMIN_KEY = "the-operators-own-key-0123456789";

let gateway: Gateway;

beforeAll(async () => {
  // Without the grace, so that the end of a session is seen within seconds, and what is revoked too.
  gateway = await startGateway({ AUTH_GRACE_S: "0", REVOCATION_CACHE_S: "1", ADMIN_KEY });
});
afterAll(() => gateway.stop());

gatewayContract({
  url: () => gateway.url,
  signSession,
  sleep: (streamId) => gateway.sleep(streamId),
  crash: (streamId) => gateway.crash(streamId),
  graceS: 0,
  adminKey: ADMIN_KEY,
});
