import type { EnqueueOptions, Mesh, Priority, Receipt, RunHandle } from "@umbel/client";
import { checkTaskName, type UserHeaders } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { durabilityText } from "../durability-text.ts";
import type { ModulesFlag } from "../find-module.ts";
import { defined } from "../input/defined.ts";
import { readInput } from "../input/read-input.ts";
import { prettyJson, renderJson } from "../output/json.ts";
import { runJson } from "../output/run-json.ts";
import { runText } from "../output/run-text.ts";
import { fields } from "../output/table.ts";
import type { Channel } from "../output/terminal.ts";
import type { RunReport } from "../run-report.ts";
import { findTask } from "../tasks/find-task.ts";
import { waitForOutcome, type Wait } from "../wait-for-outcome.ts";
import { withClient } from "../with-client.ts";
import { warnIfUnserved } from "./warn-if-unserved.ts";

/** The flags of `umbel call`. Durations in milliseconds. */
export interface CallFlags extends ConnectionFlags, JsonFlag, ModulesFlag {
  readonly input?: string;
  readonly wait?: Wait;
  readonly queue?: string;
  readonly priority?: Priority;
  readonly delay?: number;
  readonly at?: string;
  readonly expires?: number;
  readonly id?: string;
  readonly key?: string;
  readonly maxAttempts?: number;
  readonly timeout?: number;
  readonly header?: UserHeaders;
}

/**
 * Enqueue one run of the task named `task`. With `--wait` the exit code tells how the run ended, and standard
 * output holds its result alone.
 */
export async function call(task: string, given: CallFlags, deps: CommandDeps): Promise<number> {
  checkTaskName(task, "<task>");
  const input = await readInput(given.input, deps.stdin);
  const flags = await withDefinition(task, given, deps);
  // As the library does: whoever comes first makes the streams.
  return withClient({ flags, options: {} }, deps, async (mesh) => {
    const run = await enqueue(mesh, { task, input, flags });
    return flags.wait === undefined ? tellEnqueued(run, flags, deps) : awaitRun(run, flags, deps);
  });
}

// A name alone does not say where the runs of a task wait.
async function withDefinition(task: string, flags: CallFlags, deps: CommandDeps): Promise<CallFlags> {
  if (flags.queue !== undefined) return flags;
  const { queue, priority } = (await findTask(task, flags, deps)) ?? {};
  return { ...defined({ queue, priority }), ...flags };
}

interface Call {
  readonly task: string;
  readonly input: unknown;
  readonly flags: CallFlags;
}

function enqueue(mesh: Mesh, { task, input, flags }: Call): Promise<RunHandle<unknown>> {
  const { queue, priority, delay, at, expires, maxAttempts, timeout, key } = flags;
  const { header: headers, id: runId } = flags;
  const options: EnqueueOptions = defined({
    queue,
    priority,
    delay,
    at,
    expires,
    retry: maxAttempts === undefined ? undefined : { maxAttempts },
    timeout,
    headers,
    runId,
    key,
  });
  return mesh.enqueueByName(task, input, options);
}

async function tellEnqueued(run: RunHandle<unknown>, flags: CallFlags, deps: CommandDeps): Promise<number> {
  const { out } = deps.terminal;
  if (wantsJson(flags, deps.env)) out.line(JSON.stringify({ runId: run.id, receipt: run.receipt }));
  else out.line(receiptText(run, out));
  await warnIfUnserved(flags, deps);
  return EXIT.ok;
}

async function awaitRun(run: RunHandle<unknown>, flags: CallFlags, deps: CommandDeps): Promise<number> {
  const { terminal, env } = deps;
  const { wait = true } = flags;
  const json = wantsJson(flags, env);
  if (!json) terminal.err.line(receiptText(run, terminal.err));
  const [report] = await Promise.all([waitForOutcome(run, wait), warnIfUnserved(flags, deps)]);
  if (json) terminal.out.line(renderJson({ ...runJson(report), receipt: run.receipt }));
  else tellOutcome(report, deps);
  return report.state === "succeeded" ? EXIT.ok : EXIT.failed;
}

function tellOutcome(report: RunReport, { terminal: { out, err } }: CommandDeps): void {
  if (report.result !== undefined) return out.line(prettyJson(report.result.value));
  err.line();
  err.line(runText(report, { paint: err.paint, now: Date.now() }));
}

function receiptText({ id, receipt }: RunHandle<unknown>, { paint }: Channel): string {
  return fields(
    [
      ["run", id],
      ["stored", receipt === undefined ? undefined : storedText(receipt)],
    ],
    (label) => paint("quiet", label),
  );
}

function storedText(receipt: Receipt): string {
  const durability = durabilityText(receipt);
  return receipt.existed ? `before: a run with this id was there already (${durability})` : durability;
}
