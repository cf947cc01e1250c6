// How this auth server is set up: what the running Worker and the generated database schema must agree on.
import type { BetterAuthOptions } from "better-auth";
import { bearer } from "better-auth/plugins";

/** Everything but the database and the secret, which only the running Worker has. */
export function authOptions(allowedHosts: readonly string[]) {
  return {
    // The base URL follows the request's host, so cookies and origin rules fit however a browser names this machine.
    baseURL: { allowedHosts: [...allowedHosts] },
    emailAndPassword: { enabled: true },
    // The gateway verifies this cookie by itself. Its life is how long a sign-out may go unnoticed where nobody tells the
    // gateway, as revoking.ts does.
    session: { cookieCache: { enabled: true, strategy: "jwt", maxAge: 300 } },
    // Takes the opaque session token as Bearer too, which is what phones keep; without it only cookies are looked up.
    plugins: [bearer()],
    // Off by default outside NODE_ENV=production, which Workers do not set.
    rateLimit: { enabled: true },
    // The default is x-forwarded-for, which any client can write.
    advanced: {
      ipAddress: { ipAddressHeaders: ["cf-connecting-ip"] },
      // Hooks hear of no more sessions than are read at once (the default is 100), and all others are deleted too. A Worker
      // may make 1000 calls for a request, and each word to the gate is one.
      database: { defaultFindManyLimit: 500 },
    },
    telemetry: { enabled: false },
  } satisfies BetterAuthOptions;
}
