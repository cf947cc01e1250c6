// Who calls the gateway over a service binding: what the operator wrote into the binding's `props`.
import { isPatternList } from "../../auth/api-keys.ts";
import type { ServicePrincipal } from "../../auth/principal.ts";
import { isJsonObject } from "../../protocol/json.ts";
import { anyPatternMatches } from "../../protocol/stream-pattern.ts";

export interface Caller {
  readonly principal: ServicePrincipal;
  /** Beyond these it has no right at all, whatever an owner lets everybody do. */
  readonly mayTouch: (streamId: string) => boolean;
}

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
/** Of a binding without props, so that none with props may have it. */
const UNNAMED_NAME = "unnamed";
const ALL_STREAMS: readonly string[] = ["*"];

/**
 * `{service, streams?}`: reads and writes these streams, or all, as `svc:<service>`. A binding without props reads as a
 * service without a name. Undefined where the props are there and wrong: then it may do nothing.
 * @param props written by an operator, hence unchecked
 */
export function callerOf(props: unknown): Caller | undefined {
  if (!isJsonObject(props)) return props === undefined || props === null ? UNNAMED : undefined;
  if (Object.keys(props).length === 0) return UNNAMED;
  const { service, streams = ALL_STREAMS } = props;
  if (typeof service !== "string" || !NAME.test(service) || service === UNNAMED_NAME || !isPatternList(streams)) {
    return undefined;
  }
  return {
    principal: { kind: "service", userId: `svc:${service}`, grants: { operations: ["read", "write"], streams } },
    mayTouch: (streamId) => anyPatternMatches(streams, streamId),
  };
}

const UNNAMED: Caller = {
  principal: { kind: "service", userId: `svc:${UNNAMED_NAME}`, grants: { operations: ["read"], streams: ALL_STREAMS } },
  mayTouch: () => true,
};

/** Whether a caller has said who it is: nothing is published without a name. */
export function isNamed({ principal }: Caller): boolean {
  return principal !== UNNAMED.principal;
}
