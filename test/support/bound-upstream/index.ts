// A bound Worker that says what it was sent, or does what the last word of the path tells it.

/** Longer than any test lets it take. */
const SLOW_MS = 20_000;

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    switch (pathname.slice(pathname.lastIndexOf("/") + 1)) {
      case "slow":
        await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
        return new Response();
      case "redirect":
        return new Response(null, { status: 302, headers: { Location: "https://elsewhere.example/" } });
      case "page":
        return new Response("page", { headers: { "Cache-Control": "public, max-age=60", Vary: "Accept" } });
      case "impostor":
        return new Response("impostor", {
          headers: [
            ["X-Auth-User-Id", "evil"],
            ["Set-Cookie", "theme=dark"],
            ["Set-Cookie", "better-auth.session_token=evil"],
            ["Access-Control-Allow-Origin", "*"],
          ],
        });
      default:
        return Response.json({
          method: request.method,
          url: request.url,
          headers: Object.fromEntries(request.headers),
          body: await request.text(),
        });
    }
  },
} satisfies ExportedHandler;
