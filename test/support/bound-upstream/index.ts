// A bound Worker that says what it was sent, or does what the path tells it.

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const word = pathname.slice(pathname.lastIndexOf("/") + 1);
    if (word === "hang") return new Promise<Response>(() => undefined);
    if (word === "throw") throw new Error("secret of the upstream");
    if (word === "redirect")
      return new Response(null, { status: 302, headers: { Location: "https://elsewhere.example/" } });
    if (word === "stream") return new Response(request.body);
    const headers = Object.fromEntries(request.headers);
    return Response.json({ method: request.method, url: request.url, headers, body: await request.text() });
  },
} satisfies ExportedHandler;
