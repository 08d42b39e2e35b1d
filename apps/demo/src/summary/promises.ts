import type { Findings } from "../audit/findings.ts";
import type { ServerCounts } from "../audit/server-counts.ts";
import type { FaultFree } from "../phases/fault-free.ts";
import { milliseconds, seconds } from "../report/units.ts";
import type { Faults } from "../phases/faults.ts";

/** Something that must be true at the end, and whether it is. */
export interface Kept {
  readonly promise: string;
  readonly kept: boolean;
  readonly evidence: string;
}

/** What the demo has measured, counted and asked for. */
export interface Evidence {
  readonly findings: Findings;
  readonly server: ServerCounts;
  readonly faultFree: FaultFree;
  readonly faults: Faults;
  readonly inlineLoopDelayP99Ms: number;
  readonly mails: { readonly expected: number; readonly missing: number; readonly arrived: number };
  /** Whether the runs have counted exactly the flights of the data set. */
  readonly complete: boolean;
  readonly poisonRuns: number;
  readonly ackWaitMs: number;
}

/** How long after the ack-wait of a dead worker its runs must have started again. */
const RECOVERY_MARGIN_MS = 2_000;

/** Whether the evidence bears out each of the promises. Pure. */
export function checkPromises(evidence: Evidence): readonly Kept[] {
  return [
    nothingLost(evidence),
    oneOutcome(evidence),
    endedAsExpected(evidence),
    deadLettersKept(evidence),
    startedAgain(evidence),
    loopFree(evidence),
    mailsArrived(evidence),
    answerComplete(evidence),
  ];
}

function nothingLost({ findings: { enqueued, lost }, server: { waiting } }: Evidence): Kept {
  return {
    promise: "Nothing that was acknowledged is lost",
    kept: enqueued > 0 && lost.length === 0 && waiting === 0,
    evidence: `${enqueued} acknowledged, ${lost.length} lost, ${waiting} left in queues`,
  };
}

function oneOutcome({ findings: { extraOutcomes } }: Evidence): Kept {
  return {
    promise: "Every run has one outcome, and its follow-up once",
    kept: extraOutcomes === 0,
    evidence: `${extraOutcomes} second outcomes or follow-ups`,
  };
}

function endedAsExpected({ findings: { surprising, retried } }: Evidence): Kept {
  return {
    promise: "Every run ended as it should, the flaky ones too",
    kept: surprising.length === 0 && retried > 0,
    evidence: `${surprising.length} surprises, ${retried} retries`,
  };
}

function deadLettersKept({ findings: { deadLettered }, server, poisonRuns }: Evidence): Kept {
  return {
    promise: "What failed for good is in the dead letters",
    kept: deadLettered === poisonRuns && server.deadLetters === poisonRuns,
    evidence: `${poisonRuns} poisonous runs, ${server.deadLetters} dead letters`,
  };
}

function startedAgain({ faults: { orphaned, recovered, lastMs }, ackWaitMs }: Evidence): Kept {
  return {
    promise: "The killed worker's runs start again within ack-wait + 2 s",
    kept: orphaned > 0 && recovered === orphaned && lastMs <= ackWaitMs + RECOVERY_MARGIN_MS,
    evidence: `${recovered} of ${orphaned} in ${seconds(lastMs)}, ack-wait ${seconds(ackWaitMs)}`,
  };
}

function loopFree({ faultFree: { loopDelayP99Ms }, inlineLoopDelayP99Ms }: Evidence): Kept {
  return {
    promise: "Computing on threads leaves the event loop free",
    kept: loopDelayP99Ms < inlineLoopDelayP99Ms,
    evidence: `delay p99 ${milliseconds(loopDelayP99Ms)}, on the loop ${milliseconds(inlineLoopDelayP99Ms)}`,
  };
}

function mailsArrived({ mails: { expected, missing, arrived } }: Evidence): Kept {
  return {
    promise: "Every mail arrived, at least once",
    kept: expected > 0 && missing === 0,
    evidence: `${expected} mails, ${missing} missing, ${arrived - expected + missing} repeated`,
  };
}

function answerComplete({ complete }: Evidence): Kept {
  return {
    promise: "The answer counts every flight once",
    kept: complete,
    evidence: complete ? "the same sums as computed directly" : "other sums than computed directly",
  };
}
