import { checkStory } from "./check/check-story.ts";
import { countDuplicates, type Duplicates } from "./check/duplicates.ts";
import type { Story } from "./check/story.ts";
import type { Violation } from "./check/violation.ts";
import type { Plan } from "./plan/make-plan.ts";

/** What a verification came to. */
export interface VerifyReport {
  readonly seed: number;
  readonly durationMs: number;
  /** Promises that were broken; empty: none was. */
  readonly violations: readonly Violation[];
  readonly enqueues: {
    readonly asked: number;
    readonly acknowledged: number;
    /** Refused or not confirmed: their runs may be there or not. */
    readonly refused: number;
  };
  readonly runs: Readonly<Record<string, number>>;
  readonly executions: number;
  readonly duplicates: Duplicates;
  readonly faults: readonly FaultReport[];
  /** How long after the last enqueue the last run had its outcome. */
  readonly settledMs: number;
  /** Messages of runs that were left in the stream at the end. */
  readonly leftMessages: number;
}

/** What became of the faults of one kind. */
export interface FaultReport {
  readonly kind: string;
  readonly times: number;
  /** How soon after each one's beginning a new client's run went through, in milliseconds. */
  readonly recoveryMs: readonly number[];
}

/** What `story` comes to. Pure. */
export function reportOn(
  plan: Pick<Plan, "seed" | "durationMs">,
  story: Story,
  measured: { readonly asked: number; readonly refused: number; readonly settledMs: number },
): VerifyReport {
  const runs: Record<string, number> = {};
  for (const { state } of story.end.records.values()) runs[state] = (runs[state] ?? 0) + 1;
  const executions = [...story.executions.values()].reduce((sum, { length }) => sum + length, 0);
  const { asked, refused, settledMs } = measured;
  return {
    seed: plan.seed,
    durationMs: plan.durationMs,
    violations: checkStory(story),
    enqueues: { asked, acknowledged: story.acked.length, refused },
    runs,
    executions,
    duplicates: countDuplicates(story),
    faults: faultsOf(story),
    settledMs,
    leftMessages: story.end.leftMessages,
  };
}

function faultsOf({ conductor }: Story): readonly FaultReport[] {
  const kinds = new Map<string, { times: number; recoveryMs: number[] }>();
  for (const entry of conductor) {
    if (!("kind" in entry)) continue;
    const found = kinds.get(entry.kind) ?? { times: 0, recoveryMs: [] };
    if (entry.what === "fault" && entry.phase === "begins") found.times += 1;
    if (entry.what === "recovered") found.recoveryMs.push(entry.afterMs);
    kinds.set(entry.kind, found);
  }
  return [...kinds].map(([kind, found]) => ({ kind, ...found }));
}

/** A report for people. Pure. */
export function reportText(report: VerifyReport): string {
  const { enqueues, duplicates, violations, runs } = report;
  const states = Object.entries(runs).map(([state, count]) => `${count} ${state}`);
  return [
    `seed ${report.seed}, ${report.durationMs / 1_000} s`,
    `  enqueues    ${enqueues.asked} asked, ${enqueues.acknowledged} acknowledged, ${enqueues.refused} refused or not confirmed`,
    `  runs        ${states.join(", ")}; all settled ${report.settledMs} ms after the load; ${report.leftMessages} messages left`,
    `  executions  ${report.executions}, of which ${duplicates.executions} of ${duplicates.runs} runs were too many (${duplicates.beside} beside another, ${duplicates.unfenced} of them not fenced)`,
    ...report.faults.map(faultText),
    violations.length === 0 ? "  no promise was broken" : `  BROKEN: ${violations.length}`,
    ...violations.map(({ promise, runId = "", message }) => `    ${promise}: ${message} ${runId}`.trimEnd()),
  ].join("\n");
}

function faultText({ kind, times, recoveryMs }: FaultReport): string {
  const sorted = recoveryMs.toSorted((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)];
  const recovery =
    median === undefined ? "" : `, runs went through after ${median} ms, at most ${sorted.at(-1) ?? 0}`;
  return `  fault       ${kind}: ${times} times${recovery}`;
}
