import type { WorkerStatus } from "@umbel/client";
import { counted } from "../output/counted.ts";
import { formatDuration } from "../output/time.ts";
import { checker, type Check } from "./check.ts";

/** An event loop that is later than this has something that blocks it. */
const BLOCKED_MS = 1_000;

/** Whether the workers are well, by what they tell of themselves. Pure. */
export function checkWorkers(workers: readonly WorkerStatus[]): readonly Check[] {
  const { ok, warn, skip } = checker("workers");
  const problems = workers.flatMap(({ name, state, ageMs, held, loop }) => {
    if (state === "silent" || state === "lost") {
      const holds = held === 0 ? "" : `, and held ${counted(held, "run", "runs")}`;
      return [
        warn(
          `${name} has not been heard of for ${formatDuration(ageMs)}${holds}`,
          "It has crashed, cannot reach the server, or its event loop is blocked: look at its log.",
        ),
      ];
    }
    if (loop.delayMaxMs < BLOCKED_MS) return [];
    return [
      warn(
        `${name}: its event loop was blocked for ${formatDuration(loop.delayMaxMs)}`,
        'Let what computes for long run on a thread: runsOn: "thread".',
      ),
    ];
  });
  const present = workers.filter(({ state }) => state !== "silent" && state !== "lost");
  const versions = [...new Set(present.map(({ version }) => version))].toSorted();
  if (versions.length > 1)
    problems.push(
      warn(`they have different versions of Umbel: ${versions.join(", ")}`, "Bring all to the newest one."),
    );
  if (problems.length > 0) return problems;
  if (workers.length === 0) return [skip("there is none", "Start one: umbel worker <modules...>")];
  return [ok(counted(present.length, "is there and well", "are there and well"))];
}
