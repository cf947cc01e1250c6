// Calls the gateway's entrypoint as a test says: `/call/:binding/:method` with JSON arguments, or a WebSocket.

/** Stands in JSON for bytes: `{"$bytes": [1, 2]}`. */
interface Bytes {
  readonly $bytes: readonly number[];
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

export default {
  async fetch(request, env: Record<string, Fetcher & Record<string, Method>>) {
    const url = new URL(request.url);
    const [, word, name = "", ...rest] = url.pathname.split("/");
    const binding = env[name];
    if (binding === undefined) return new Response(null, { status: 404 });
    if (word === "fetch") return binding.fetch(new Request(new URL(`/${rest.join("/")}`, url), request));
    const args: unknown = JSON.parse(await request.text(), (_key, value: unknown) =>
      isBytes(value) ? new Uint8Array(value.$bytes) : isMap(value) ? new Map(value.$map) : value,
    );
    const result = await binding[rest[0] ?? ""]?.(...(Array.isArray(args) ? args : []));
    return new Response(
      JSON.stringify(result, (_key, value: unknown) =>
        value instanceof ArrayBuffer ? { $bytes: [...new Uint8Array(value)] } : value,
      ),
    );
  },
} satisfies ExportedHandler<Record<string, Fetcher & Record<string, Method>>>;

function isMap(value: unknown): value is { readonly $map: readonly (readonly [unknown, unknown])[] } {
  return typeof value === "object" && value !== null && "$map" in value;
}

function isBytes(value: unknown): value is Bytes {
  return typeof value === "object" && value !== null && "$bytes" in value;
}
