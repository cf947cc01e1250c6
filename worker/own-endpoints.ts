// The paths of the gateway's own and the methods of each: they come first, whatever a route contains.

/** `:name` stands for one segment. The auth server's path and the console's files are decided elsewhere. */
export const OWN_ENDPOINTS: readonly (readonly [path: string, allow: string])[] = [
  ["/health", "GET"],
  ["/ready", "GET"],
  ["/.well-known/jwks.json", "GET"],
  ["/ws", "GET"],
  ["/streams", "GET"],
  ["/tickets", "POST"],
  ["/explain", "POST"],
  ["/streams/:streamId", "GET, DELETE"],
  ["/streams/:streamId/frame", "GET"],
  ["/admin/revocations", "POST"],
  ["/admin/streams/:streamId", "GET"],
  ["/admin/streams/:streamId/disconnect", "POST"],
  ["/admin/streams/:streamId/drain", "POST"],
  ["/streams/:streamId/access", "GET, PUT"],
  ["/streams/:streamId/alerts", "GET, POST"],
];

const PATTERNS = OWN_ENDPOINTS.map(([path]) => new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+")}$`));

export function isOwnEndpoint(pathname: string): boolean {
  return PATTERNS.some((pattern) => pattern.test(pathname));
}
