// What the holder of a socket is to do on its client's way to a stream.
import type { Authenticated } from "../../../auth/authenticator.ts";
import type { ErrorDetail } from "../../../protocol/answers.ts";
import type { Code } from "../../../protocol/codes.ts";

/** In order. */
export type Action =
  | { readonly do: "tell"; readonly text: string }
  /** Tells why, closes, and nothing follows. */
  | { readonly do: "refuse"; readonly code: Code; readonly detail: ErrorDetail; readonly closeCode: number }
  /** Answered by `verified`. */
  | { readonly do: "verify"; readonly token: string }
  /** The time to authenticate is over, the time to register begins. */
  | { readonly do: "allow-time-to-register" }
  /** Answered by `joined`. */
  | { readonly do: "join"; readonly streamId: string; readonly who: Authenticated }
  | { readonly do: "forward"; readonly message: string | ArrayBuffer };
