// A bound Worker that takes WebSockets and does what paths and messages tell it to.

/**
 * Paths: `…/hang` never answers, `…/refuse` says 403, `…/wordy` still speaks after its client has closed; all
 * else says the headers that it was sent, and echoes. Messages: `close 4000 why`.
 */
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/hang")) await scheduler.wait(3_600_000);
    if (pathname.endsWith("/refuse")) return new Response("no way", { status: 403 });
    const { 0: client, 1: server } = new WebSocketPair();
    server.binaryType = "arraybuffer";
    server.accept({ allowHalfOpen: true });
    server.send(JSON.stringify(Object.fromEntries(request.headers)));
    server.addEventListener("message", ({ data }: { readonly data: string | ArrayBuffer }) => {
      const [word, code, ...reason] = typeof data === "string" ? data.split(" ") : [];
      if (word === "close") server.close(Number(code), reason.join(" "));
      else server.send(data);
    });
    server.addEventListener("close", ({ code }) => {
      if (!pathname.endsWith("/wordy")) return server.close(code === 1005 ? 1000 : code);
      server.send("last words");
      server.close(4002, "now me");
    });
    const [chosen] = (request.headers.get("Sec-WebSocket-Protocol") ?? "").split(",");
    const headers = { "Sec-WebSocket-Protocol": chosen ?? "", "X-Auth-User-Id": "somebody", "X-Theirs": "1" };
    return new Response(null, { status: 101, webSocket: client, headers: chosen === "" ? {} : headers });
  },
} satisfies ExportedHandler;
