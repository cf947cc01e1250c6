// The wire contract as sentences, tried from outside against a URL: any gateway that speaks docs/PROTOCOL.md passes.
import { administering } from "./contract/administering.ts";
import { badInput } from "./contract/bad-input.ts";
import { claiming } from "./contract/claiming.ts";
import { type ContractOptions, makeContract } from "./contract/contract.ts";
import { credits } from "./contract/credits.ts";
import { everyStep } from "./contract/every-step.ts";
import { firstMessage } from "./contract/first-message.ts";
import { frameOverHttp } from "./contract/frame-over-http.ts";
import { goingAway } from "./contract/going-away.ts";
import { history } from "./contract/history.ts";
import { latestFrame } from "./contract/latest-frame.ts";
import { mainDoor } from "./contract/main-door.ts";
import { members } from "./contract/members.ts";
import { messages } from "./contract/messages.ts";
import { owning } from "./contract/owning.ts";
import { presence } from "./contract/presence.ts";
import { renewing } from "./contract/renewing.ts";
import { sleepAndEnd } from "./contract/sleep-and-end.ts";
import { stalledReader } from "./contract/stalled-reader.ts";
import { tickets } from "./contract/tickets.ts";
import { staying } from "./contract/staying.ts";
import { status } from "./contract/status.ts";

export function gatewayContract(options: ContractOptions): void {
  const contract = makeContract(options);
  mainDoor(contract);
  firstMessage(contract);
  messages(contract);
  badInput(contract);
  members(contract);
  claiming(contract);
  owning(contract);
  administering(contract);
  tickets(contract);
  history(contract);
  latestFrame(contract);
  credits(contract);
  frameOverHttp(contract);
  presence(contract);
  status(contract);
  sleepAndEnd(contract);
  renewing(contract);
  everyStep(contract);
  stalledReader(contract);
  staying(contract);
  goingAway(contract);
}
