import type { Paint } from "../output/colour.ts";
import { counted } from "../output/counted.ts";
import { formatDuration, formatMoment } from "../output/time.ts";
import { allot } from "./allot.ts";
import type { Controls } from "./controls.ts";
import type { TopConnection, TopFacts, TopTarget } from "./facts.ts";
import { cut, grid } from "./grid.ts";
import { deadSection, queueSection, runSection, workerSection, type Section } from "./sections.ts";
import { select, type Selection } from "./select.ts";

/** All that the screen depends on. */
export interface TopState {
  readonly target: TopTarget;
  readonly connection: TopConnection;
  /** `undefined` before the first look. */
  readonly facts: TopFacts | undefined;
  /** Why the last look told nothing. */
  readonly problem: string | undefined;
  readonly controls: Controls;
  readonly now: number;
}

/** How large the screen is, and how it is painted. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
}

const LEAST = { columns: 40, rows: 8 };
/** The title, the sums, the line of keys. */
const FIXED = 3;

/** The lines of the screen, as many as it has. Pure. */
export function render(state: TopState, size: ScreenSize): readonly string[] {
  const { columns, rows } = size;
  if (columns < LEAST.columns || rows < LEAST.rows)
    return filled([cut(`needs ${LEAST.columns}x${LEAST.rows}, q quits`, columns)], rows);
  const lines = [titleLine(state, size), sumLine(state, size)];
  const body = state.controls.mode.kind === "helping" ? HELP : bodyLines(state, size);
  return [...filled([...lines, ...body], rows - 1), keyLine(state, size)];
}

function filled(lines: readonly string[], rows: number): readonly string[] {
  return Array.from({ length: rows }, (_, row) => lines[row] ?? "");
}

function titleLine({ target, now }: TopState, { columns, paint }: ScreenSize): string {
  const { mesh, servers, serverVersion } = target;
  const time = formatMoment(now).slice(11, 19);
  const title = cut(
    `umbel top  ${mesh} at ${servers}  nats-server ${serverVersion}`,
    columns - time.length - 2,
  );
  return paint("strong", title.padEnd(columns - time.length)) + time;
}

function sumLine({ connection, facts, problem, now }: TopState, { columns, paint }: ScreenSize): string {
  const seen = facts === undefined ? "nothing was seen yet" : `this is ${formatDuration(now - facts.at)} old`;
  if (connection.kind === "lost") {
    const lost = `connection lost ${formatDuration(now - connection.since)} ago, trying again: ${seen}`;
    return paint("bad", cut(lost, columns));
  }
  if (problem !== undefined) return paint("bad", cut(`${problem} (${seen})`, columns));
  if (facts === undefined) return "looking …";
  const { queues, workers, dead } = facts;
  const sum = (field: "waiting" | "running"): number =>
    queues.reduce((total, queue) => total + queue[field], 0);
  const done = queues.reduce((total, { outPerSecond = 0 }) => total + outPerSecond, 0);
  const gone = workers.filter(({ state }) => state === "silent" || state === "lost").length;
  const parts = [
    counted(queues.length, "queue", "queues"),
    `${sum("waiting")} waiting`,
    `${sum("running")} held`,
    `${Math.round(done)}/s done`,
    counted(workers.length - gone, "worker", "workers") + (gone === 0 ? "" : ` and ${gone} silent`),
    counted(dead.count, "dead letter", "dead letters"),
  ];
  return cut(parts.join("   "), columns);
}

function bodyLines({ facts, controls, now }: TopState, size: ScreenSize): readonly string[] {
  if (facts === undefined) return [];
  const shown = select(facts, controls);
  const sections = [
    queueSection(shown.queues, { now, selected: controls.selected }),
    workerSection(shown.workers, { now }),
    runSection(shown.runs, { now }),
    deadSection(shown.dead, { now }),
  ];
  // A blank line, the head, and one row at least; what has no room for that is left out, the last first.
  const fitting = sections.slice(0, Math.floor((size.rows - FIXED) / 3));
  const given = allot(
    size.rows - FIXED - 2 * fitting.length,
    fitting.map(({ rows }) => Math.max(1, rows.length)),
  );
  return fitting.flatMap((section, index) => {
    const from = index === 0 ? firstShown(shown, controls, given[0] ?? 0) : 0;
    return sectionLines(section, { from, count: given[index] ?? 0, size });
  });
}

// The chosen queue is always among those that are shown.
function firstShown({ queues }: Selection, { selected }: Controls, count: number): number {
  const at = queues.findIndex(({ queue }) => queue === selected);
  return Math.max(0, at - count + 1);
}

function sectionLines(
  { head, rows, none }: Section,
  { from, count, size }: { readonly from: number; readonly count: number; readonly size: ScreenSize },
): readonly string[] {
  const { columns, paint } = size;
  if (rows.length === 0) return ["", ...grid([head], columns, paint), paint("quiet", `   ${none}`)];
  const more = rows.length - from - count;
  const titles = head.map((cell, column) =>
    column === TITLE && more > 0 ? { ...cell, text: `${cell.text} (${more} more)` } : cell,
  );
  return ["", ...grid([titles, ...rows.slice(from, from + count)], columns, paint)];
}

/** The column that a section has its name from. */
const TITLE = 1;

const KEYS = "q quit  s sort  / filter  up/down choose  p pause  ? help";

function keyLine({ controls }: TopState, { columns, paint }: ScreenSize): string {
  const { mode, notice, filter, sort } = controls;
  if (mode.kind === "filtering")
    return paint("strong", cut(`filter: ${filter}_   Enter keeps it, Esc drops it`, columns));
  if (mode.kind === "asking") {
    const { what, queue } = mode.action;
    return paint("warning", cut(`${what} the queue ${queue}? y/n`, columns));
  }
  if (notice !== undefined) return paint("warning", cut(notice, columns));
  const said = [`sorted by ${sort}`, ...(filter === "" ? [] : [`filter: ${filter}`])].join(", ");
  return paint("quiet", cut(`${said}   ${KEYS}`, columns));
}

const HELP: readonly string[] = [
  "",
  "  up, down, k, j   choose a queue",
  "  p                pause or resume the chosen queue, after asking",
  "  s                sort queues: by name, waiting, held, rate",
  "  /                show only queues, workers, runs and letters with a text; Esc shows all",
  "  q, Ctrl-C        quit",
  "",
  "  waiting   runs that wait for a worker        held    runs that workers have",
  "  in/s      runs that came in a second         out/s   runs that workers were done with",
  "",
  "  Any key goes back.",
];
