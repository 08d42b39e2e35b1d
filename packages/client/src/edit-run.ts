import { checkFields, invalidArgument, isOutcomeState, UmbelError, type RunState } from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import { unknownRun } from "./cancel-run.ts";
import { changeSchedule, type ChangeDeps, type Changed } from "./change-schedule.ts";
import { encodeInput, type InputTask } from "./encode-input.ts";
import { resolveDue, type EnqueueOptions } from "./enqueue-options.ts";
import { readRunInfo, type RunInfo, type RunInfoDeps } from "./run-info.ts";
import type { ScheduleChange, ScheduledRun } from "./schedule-change.ts";

/** When a scheduled run is to be due instead: one of both. */
export type RescheduleOptions = Pick<EnqueueOptions, "delay" | "at">;

/** What changing a scheduled run needs. */
export type EditDeps = ChangeDeps & RunInfoDeps;

/** Make a scheduled run due now. @throws UmbelError */
export async function promoteRun(runId: string, deps: EditDeps): Promise<void> {
  const changed = await changeOnceScheduled(runId, () => ({ dueAt: deps.now() }), deps);
  if (changed.kind === "changed") return;
  const info = await readRunInfo(runId, deps);
  // Ready already, or due at this moment: what was asked for. A retry that the broker holds back is not.
  const waits = info.state === "retrying" && (info.dueAt ?? 0) > deps.now() + NEAR_MS;
  if (changed.kind === "gone" || isOver(info.state) || waits) throw refusal(info, "promoted");
}

const NEAR_MS = 1_000;
/** Workers hold a retry back themselves for no longer than this. */
const LONGEST_HAND_BACK_MS = 60_000;
const HAND_OVER_PATIENCE_MS = 2_000;
const POLL_MS = 50;

// A long retry is in the run's record a moment before it is in the broker's schedule.
async function changeOnceScheduled(
  runId: string,
  decide: (run: ScheduledRun) => ScheduleChange,
  deps: EditDeps,
): Promise<Changed> {
  const giveUpAt = performance.now() + HAND_OVER_PATIENCE_MS;
  for (;;) {
    const changed = await changeSchedule(runId, decide, deps);
    if (changed.kind !== "ready" || performance.now() > giveUpAt) return changed;
    const { state, dueAt = 0 } = await readRunInfo(runId, deps);
    if (state !== "retrying" || dueAt - deps.now() <= LONGEST_HAND_BACK_MS) return changed;
    await sleep(POLL_MS);
  }
}

/** Make a scheduled run due at another time. @throws UmbelError */
export async function rescheduleRun(
  runId: string,
  options: RescheduleOptions,
  deps: EditDeps,
): Promise<void> {
  checkFields(options, "reschedule", ["delay", "at"]);
  if (options.delay === undefined && options.at === undefined) {
    throw invalidArgument({ field: "reschedule", received: options, expected: "delay or at" });
  }
  const dueAt = resolveDue(options, deps.now()) ?? deps.now();
  const decide = (run: ScheduledRun): { readonly dueAt: number } => ({ dueAt: beforeItsEnd(run, dueAt) });
  await orRefuse(await changeOnceScheduled(runId, decide, deps), "rescheduled", { runId, deps });
}

// Nobody asks for a retry that can never start.
function beforeItsEnd({ kind, meta }: ScheduledRun, dueAt: number): number {
  const endsAt = Math.min(
    (kind === "retrying" ? meta.expiresAt : undefined) ?? Number.POSITIVE_INFINITY,
    meta.deadlineAt ?? Number.POSITIVE_INFINITY,
  );
  if (dueAt < endsAt) return dueAt;
  throw invalidArgument({
    field: "reschedule",
    received: new Date(dueAt),
    expected: `a time before the run expires, at ${new Date(endsAt).toISOString()}`,
  });
}

/** Give a scheduled run another input, which `task` checks if it can. @throws UmbelError */
export async function editRunInput(
  runId: string,
  { task, input }: { readonly task: InputTask; readonly input: unknown },
  deps: EditDeps,
): Promise<void> {
  const body = await encodeInput(task, input, deps.connection.maxPayloadBytes);
  const decide = ({ meta }: ScheduledRun): { readonly body: Uint8Array } => {
    if (meta.task === task.name) return { body };
    const expected = `the task of run ${runId}, "${meta.task}"`;
    throw invalidArgument({ field: "editInput.task", received: task.name, expected });
  };
  await orRefuse(await changeOnceScheduled(runId, decide, deps), "edited", { runId, deps });
}

async function orRefuse(
  changed: Changed,
  what: string,
  { runId, deps }: { readonly runId: string; readonly deps: EditDeps },
): Promise<void> {
  if (changed.kind !== "changed") throw refusal(await readRunInfo(runId, deps), what);
}

function refusal({ runId, state, dueAt }: RunInfo, what: string): UmbelError {
  if (state === "unknown") return unknownRun(runId);
  const details = { runId, state };
  if (isOver(state)) {
    const message = `run ${runId} cannot be ${what}: it has ended, as ${state}.`;
    return new UmbelError("run_finished", message, { details });
  }
  const when = dueAt === undefined ? "" : `, due at ${new Date(dueAt).toISOString()}`;
  return new UmbelError(
    "run_not_scheduled",
    `run ${runId} cannot be ${what}: it is ${state}${when}. Only a run that the broker keeps until it is due can be ` +
      "changed, and only until then.",
    { details },
  );
}

function isOver(state: RunState): boolean {
  return state === "unknown" || isOutcomeState(state);
}
