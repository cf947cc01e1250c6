// A bound Worker that speaks enough Socket.IO to be connected to: it says who came to it, and echoes events.

export default {
  fetch(request) {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.binaryType = "arraybuffer";
    server.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") server.send(data);
      else if (data.startsWith("40")) {
        const headers = Object.fromEntries(request.headers);
        server.send('40{"sid":"of-the-server"}');
        server.send(`42${JSON.stringify(["who", { url: request.url, headers, said: data }])}`);
      } else if (data === '42["leave"]') server.close(4000, "why");
      else if (data.startsWith("42") || data.startsWith("45")) server.send(data);
    });
    server.addEventListener("close", () => server.close());
    // Asked to be mute, it never says that it is open.
    if (!new URL(request.url).searchParams.has("mute")) {
      server.send('0{"sid":"s","upgrades":[],"pingInterval":60000,"pingTimeout":60000}');
    }
    return new Response(null, { status: 101, webSocket: client });
  },
} satisfies ExportedHandler;
