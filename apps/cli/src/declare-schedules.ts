import type { Command } from "commander";
import type { SchedulesChangeFlags } from "./commands/schedules-resume.ts";
import type { SchedulesDeleteFlags } from "./commands/schedules-delete.ts";
import type { SchedulesListFlags } from "./commands/schedules-list.ts";
import type { SchedulesNextFlags } from "./commands/schedules-next.ts";
import type { SchedulesPauseFlags } from "./commands/schedules-pause.ts";
import type { SchedulesPutFlags } from "./commands/schedules-put.ts";
import type { SchedulesRunFlags } from "./commands/schedules-run.ts";
import type { SchedulesSyncFlags } from "./commands/schedules-sync.ts";
import { addConnectionFlags, addJsonFlag } from "./connection-flags.ts";
import type { Declaring } from "./declare-queues.ts";
import { waitLimit, wholeNumber } from "./input/flag-values.ts";
import { addPolicyFlags, addRunFlags, addTimingFlags } from "./schedules/schedule-flags.ts";

const ID = "the id of a schedule";
const BY = "who asks, kept with the schedule";
const VERSION = wholeNumber(0, Number.MAX_SAFE_INTEGER);

/** Declare `umbel schedules` with its commands. */
export function declareSchedules(program: Command, declaring: Declaring): void {
  const schedules = program
    .command("schedules")
    .summary("show, put, pause, run and delete schedules")
    .description("Show, put, pause, run and delete schedules: rules that make runs at their times.");
  declareList(schedules, declaring);
  declareShow(schedules, declaring);
  declareNext(schedules, declaring);
  declarePut(schedules, declaring);
  declarePause(schedules, declaring);
  declareResume(schedules, declaring);
  declareRun(schedules, declaring);
  declareDelete(schedules, declaring);
  declareSync(schedules, declaring);
}

function declareList(schedules: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(schedules, "list", ["umbel schedules list", "umbel schedules list --json | jq"])
    .summary("show every schedule with its next and its last run")
    .description("Show every schedule with its next and its last run.");
  addJsonFlag(addConnectionFlags(command)).action((flags: SchedulesListFlags) =>
    run(flags, async () => (await import("./commands/schedules-list.ts")).schedulesList(flags, deps)),
  );
}

function declareShow(schedules: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(schedules, "show", ["umbel schedules show good-night"])
    .argument("<id>", ID)
    .summary("show all about a schedule")
    .description("Show all about a schedule: its policies, its next times, its last runs, what it missed.");
  addJsonFlag(addConnectionFlags(command)).action((id: string, flags: SchedulesListFlags) =>
    run(flags, async () => (await import("./commands/schedules-show.ts")).schedulesShow(id, flags, deps)),
  );
}

function declareNext(schedules: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(schedules, "next", [
    "umbel schedules next good-night --count 30",
    "umbel schedules next --cron '30 2 * * *' --time-zone Europe/Paris",
  ])
    .argument("[id]", ID)
    .summary("show when a schedule fires next, or when times would")
    .description("Show when a schedule fires next; or, without an id, when these times would.")
    .option("--count <number>", "how many times", wholeNumber(1, 1_000), 10);
  addJsonFlag(addConnectionFlags(addTimingFlags(command))).action(
    (id: string | undefined, flags: SchedulesNextFlags) =>
      run(flags, async () => (await import("./commands/schedules-next.ts")).schedulesNext(id, flags, deps)),
  );
}

function declarePut(schedules: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(schedules, "put", [
    "umbel schedules put good-night --cron '0 22 * * *' --time-zone Asia/Ho_Chi_Minh --task mail.night",
    "umbel schedules put good-night --cron '0 21 * * *' --if-version 1 --by ada",
  ])
    .argument("<id>", ID)
    .summary("make a schedule, or change some of one")
    .description("Make a schedule, or change what is given of one that there is. Its history and pause stay.")
    .option("--task <name>", "the task of its runs")
    .option("--input <json>", "JSON, @file, or - for standard input (default: null)")
    .option("--if-version <number>", "only if it is at this version; 0: only if there is none", VERSION)
    .option("--by <name>", BY);
  addJsonFlag(addConnectionFlags(addRunFlags(addPolicyFlags(addTimingFlags(command))))).action(
    (id: string, flags: SchedulesPutFlags) =>
      run(flags, async () => (await import("./commands/schedules-put.ts")).schedulesPut(id, flags, deps)),
  );
}

function declarePause(schedules: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(schedules, "pause", [
    "umbel schedules pause good-night --reason moving --by ada",
  ])
    .argument("<id>", ID)
    .summary("let a schedule make no runs")
    .description("Let a schedule make no runs until it is resumed. What is due meanwhile is not made up for.")
    .option("--reason <text>", "why, for whoever wonders")
    .option("--if-version <number>", "only if it is at this version", VERSION)
    .option("--by <name>", BY);
  addJsonFlag(addConnectionFlags(command)).action((id: string, flags: SchedulesPauseFlags) =>
    run(flags, async () => (await import("./commands/schedules-pause.ts")).schedulesPause(id, flags, deps)),
  );
}

function declareResume(schedules: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(schedules, "resume", ["umbel schedules resume good-night"])
    .argument("<id>", ID)
    .summary("let a paused schedule make runs again")
    .description("Let a paused schedule make runs again, from now on.")
    .option("--if-version <number>", "only if it is at this version", VERSION)
    .option("--by <name>", BY);
  addJsonFlag(addConnectionFlags(command)).action((id: string, flags: SchedulesChangeFlags) =>
    run(flags, async () => (await import("./commands/schedules-resume.ts")).schedulesResume(id, flags, deps)),
  );
}

function declareRun(schedules: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(schedules, "run", ["umbel schedules run good-night --wait 1m"])
    .argument("<id>", ID)
    .summary("make one run of a schedule now")
    .description("Make one run of a schedule now, whatever its times, its pause and its overlap say.")
    .option("--wait [timeout]", "wait until the run has ended", waitLimit);
  addJsonFlag(addConnectionFlags(command)).action((id: string, flags: SchedulesRunFlags) =>
    run(flags, async () => (await import("./commands/schedules-run.ts")).schedulesRun(id, flags, deps)),
  );
}

function declareDelete(schedules: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(schedules, "delete", ["umbel schedules delete good-night --yes"])
    .argument("<ids...>", "ids of schedules")
    .summary("forget schedules and their history")
    .description("Forget schedules and their history. Their runs go on.")
    .option("--yes", "do not ask");
  addJsonFlag(addConnectionFlags(command)).action((ids: readonly string[], flags: SchedulesDeleteFlags) =>
    run(flags, async () =>
      (await import("./commands/schedules-delete.ts")).schedulesDelete(ids, flags, deps),
    ),
  );
}

function declareSync(schedules: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(schedules, "sync", [
    "umbel schedules sync schedules.json --dry-run",
    "umbel schedules sync ./schedules.ts --source billing --remove --yes",
  ])
    .argument("<file>", "a JSON file, or a module that exports schedules")
    .summary("make the schedules of a list those of the mesh")
    .description("Make or update the schedules of a list; report those that it declares no more.")
    .option("--source <name>", "the name of the list: others are none of its business", "code")
    .option("--remove", "delete what it declares no more")
    .option("--dry-run", "only say what would be done")
    .option("--by <name>", BY)
    .option("--yes", "do not ask before deleting");
  addJsonFlag(addConnectionFlags(command)).action((file: string, flags: SchedulesSyncFlags) =>
    run(flags, async () => (await import("./commands/schedules-sync.ts")).schedulesSync(file, flags, deps)),
  );
}
