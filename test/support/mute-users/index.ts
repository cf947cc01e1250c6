// The gateway itself, whose objects of users throw between `PUT /mute` and `DELETE /mute`, as one that is overloaded does.
import type { Env } from "../../../worker/env.ts";
import gateway, { UserObject as RealUserObject } from "../../../worker/index.ts";

export { StreamObject } from "../../../worker/index.ts";

/** The Worker and its objects run in one isolate here. */
let isMute = false;

function speak(): void {
  if (isMute) throw new Error("not reachable");
}

export class UserObject extends RealUserObject {
  override admit(...question: Parameters<RealUserObject["admit"]>): ReturnType<RealUserObject["admit"]> {
    speak();
    return super.admit(...question);
  }

  override listRevocations(
    ...of: Parameters<RealUserObject["listRevocations"]>
  ): ReturnType<RealUserObject["listRevocations"]> {
    speak();
    return super.listRevocations(...of);
  }

  override fetch(request: Request): Promise<Response> {
    speak();
    return super.fetch(request);
  }

  override revoke(...word: Parameters<RealUserObject["revoke"]>): void {
    speak();
    super.revoke(...word);
  }
}

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/mute") return gateway.fetch(request, env, context);
    isMute = request.method === "PUT";
    return new Response(null, { status: 204 });
  },
} satisfies ExportedHandler<Env>;
