// The parts of a stream, made and told of each other.
import { identityOf } from "../../connection/audit.ts";
import type { StreamConfig } from "../config.ts";
import { AlertLog } from "./alerts/alert-log.ts";
import { History } from "./alerts/history.ts";
import { Trimming } from "./alerts/trimming.ts";
import { Complaining } from "./delivery/complaining.ts";
import { Counters } from "./delivery/counters.ts";
import { Delivering } from "./delivery/delivering.ts";
import { FanOut } from "./delivery/fan-out.ts";
import { Lagging } from "./delivery/lagging.ts";
import { Notices } from "./delivery/notices.ts";
import { Sequence } from "./delivery/sequence.ts";
import { TotalWaiting } from "./delivery/total-waiting.ts";
import { Flow } from "./frames/flow.ts";
import { FrameStore } from "./frames/frame-store.ts";
import { LatestFrames } from "./frames/latest-frames.ts";
import { Leaving } from "./members/leaving.ts";
import { Roster } from "./members/roster.ts";
import { Intake } from "./messages/intake.ts";
import { Posting } from "./messages/posting.ts";
import { Publishing } from "./messages/publishing.ts";
import type { StreamPorts } from "./ports.ts";
import { Explaining } from "./requests/explaining.ts";
import { Lapsing } from "./requests/lapsing.ts";
import { Managing } from "./requests/managing.ts";
import { Operating } from "./requests/operating.ts";
import { Requesting } from "./requests/requesting.ts";
import { Status } from "./requests/status.ts";
import { Access } from "./rights/access.ts";
import { Claiming } from "./rights/claiming.ts";
import { DelegatedAnswers } from "./rights/delegated-answers.ts";
import { TicketLedger } from "./rights/ticket-ledger.ts";
import { Arriving } from "./sessions/arriving.ts";
import { Delegating } from "./sessions/delegating.ts";
import { Ending } from "./sessions/ending.ts";
import { Entering } from "./sessions/entering.ts";
import { Liveness } from "./sessions/liveness.ts";
import { Presence } from "./sessions/presence.ts";
import { Registering } from "./sessions/registering.ts";
import { Renewing } from "./sessions/renewing.ts";
import { Revoking } from "./sessions/revoking.ts";
import { AlertSinks } from "./sinks/alert-sinks.ts";
import { FrameSinks } from "./sinks/frame-sinks.ts";

/** What the life of a stream calls by itself. */
export interface Composed {
  readonly roster: Roster;
  readonly access: Access;
  readonly counters: Counters;
  readonly leaving: Leaving;
  readonly ending: Ending;
  readonly arriving: Arriving;
  readonly entering: Entering;
  readonly revoking: Revoking;
  readonly fanOut: FanOut;
  readonly presence: Presence;
  readonly intake: Intake;
  readonly alertSinks: AlertSinks;
  readonly lapsing: Lapsing;
  readonly liveness: Liveness;
  readonly trimming: Trimming;
  readonly latestFrames: LatestFrames;
  readonly requesting: Requesting;
  readonly managing: Managing;
  readonly tickets: TicketLedger;
  readonly delegating: Delegating;
  readonly operating: Operating;
  readonly explaining: Explaining;
}

/** Where a part names one that is made further down, it calls it later, and not while it is made itself. */
export function compose(config: StreamConfig, ports: StreamPorts): Composed {
  const roster = new Roster();
  const { storage, deadlines, keepAlive, note, now, randomId } = ports;
  const { authGraceMs } = config;
  const answers = new DelegatedAnswers(config.policy === "delegate" ? ports.authorize : undefined, now);
  const access = new Access(storage, config.policy, now(), answers);
  const log = new AlertLog(storage);
  const tickets = new TicketLedger({ storage, access, deadlines, randomId, now });
  const counters = new Counters(now());
  const leaving = new Leaving({
    roster,
    authGraceMs,
    now,
    left: (member, closeCode, code) => {
      const { streamId, connectionId, principal } = member;
      note({ event: "left", streamId, connectionId, ...identityOf(principal), closeCode, code });
      intake.left(member);
      flow.left(member, now());
      presence.left(member, now());
      access.noteUse(now());
    },
  });
  const revoking = new Revoking({ roster, leaving, deadlines, warn: (member) => ending.warnOfRevocation(member) });
  const arriving = new Arriving({ roster, leaving, revoking, users: ports.admission, authGraceMs, now });
  const lagging = new Lagging({
    roster,
    leaving,
    now,
    timer: ports.timer,
    batchDelayMs: config.batchDelayMs,
    total: () => new TotalWaiting(roster),
  });
  const fanOut = new FanOut({ roster, leaving, lagging, counters, now });
  const ending = new Ending({ roster, leaving, deadlines, fanOut, noticeMs: config.authExpiringNoticeMs });
  const complaining = new Complaining({ roster, fanOut, leaving });
  const parts = { config, roster, access, log, fanOut, counters, randomId };
  const presence = new Presence(parts);
  const notices = new Notices(parts);
  const flow = new Flow({ ...parts, notices, hadFrames: () => latestFrames.isThere });
  const latestFrames = new LatestFrames({ ...parts, flow, store: new FrameStore(storage), deadlines });
  const claiming = new Claiming(ports.users, () => access.claim?.ownerId);
  const registering = new Registering({
    ...parts,
    claiming,
    ending,
    presence,
    latestFrames,
    leaving,
    answers,
    registered: (member) => delegating.hold(member),
    claimed: (streamId, ownerId) => {
      lapsing.schedule();
      note({ event: "claimed", streamId, userId: ownerId });
    },
  });
  const delegating = new Delegating({ answers, roster, leaving, registering, deadlines, keepAlive, now });
  /** Members are told, and the operator. */
  const sinkTrouble = (sink: string, reason: string): void => {
    notices.tell("sink-error", { sink, reason }, now());
    note({ event: "sink-trouble", streamId: access.claim?.streamId, sink, reason });
  };
  const sinks = new FrameSinks(config.frameSinks, config.frameSinkTimeoutMs, {
    ...ports.sinks,
    now,
    publish: (binding, alert, epoch) => posting.fromSink(binding, alert, epoch, now()),
    failed: () => counters.add("sinkErrors"),
    trouble: sinkTrouble,
  });
  const sequence = new Sequence(storage.sql);
  const delivering = new Delivering({
    ...parts,
    sinks,
    sequence,
    latestFrames,
    stored: (offset) => {
      trimming.stored(offset, now());
      alertSinks.stored(offset);
    },
  });
  const publishing = new Publishing({ ...parts, delivering });
  const posting = new Posting({ ...parts, delivering });
  const alertSinks = new AlertSinks({
    bindings: config.alertSinks,
    storage,
    access,
    log,
    deadlines,
    call: ports.callAlertSink,
    failed: () => counters.add("sinkErrors"),
    trouble: (binding) => sinkTrouble(binding, "failed"),
    keepAlive,
    now,
  });
  const renewing = new Renewing({
    ...parts,
    verify: ports.verifyToken,
    // The user's object last: what it says may be over by the next answer.
    vouch: async (who, member) => (await delegating.vouch(who, member)) ?? arriving.vouch(who, member),
    sessionChanged: (member) => delegating.renewed(member),
    leaving,
    ending,
    complaining,
    keepAlive,
    now,
  });
  const intake = new Intake({
    ...parts,
    complaining,
    leaving,
    lagging,
    latestFrames,
    registering,
    renewing,
    publishing,
    keepAlive,
    now,
  });
  const managing = new Managing({
    access,
    claiming,
    registering,
    sequence,
    note,
    forget: () => {
      tickets.forget();
      sinks.forgetWaiting();
      latestFrames.forget();
      flow.forget();
      // Nobody comes back by himself, since a camera that did would own the stream anew.
      for (const member of roster.members) leaving.expel(member, "NOT_FOUND");
    },
  });
  const { claimTtlMs, idleTimeoutMs, retention } = config;
  const trimming = new Trimming({ access, log, deadlines, retention });
  const liveness = new Liveness({ roster, leaving, deadlines, idleTimeoutMs, keepaliveAtMs: ports.keepaliveAtMs });
  const lapsing = new Lapsing({ ...parts, tickets, deadlines, managing, keepAlive, now, claimTtlMs });
  const [history, status] = [new History(access, log), new Status(parts)];
  const requesting = new Requesting({ answers, tickets, history, latestFrames, status, posting, now });
  const entering = new Entering({ ...parts, answers, arriving, leaving, revoking, tickets, now });
  const operating = new Operating({ ...parts, leaving });
  const explaining = new Explaining({ access, answers, tickets });
  const asked = { latestFrames, requesting, managing, operating, explaining, tickets, delegating };
  const coming = { arriving, entering, revoking };
  const working = { leaving, ending, fanOut, presence, intake, alertSinks, lapsing, liveness, trimming };
  return { roster, access, counters, ...coming, ...working, ...asked };
}
