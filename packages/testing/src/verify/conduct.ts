import { connect } from "@umbel/client";
import { silentLogger, sleep } from "@umbel/runtime";
import { FAULT_OF } from "./faults/all-faults.ts";
import type { Scene } from "./faults/fault.ts";
import { FAULTS } from "./plan/fault-kinds.ts";
import type { PlannedFault } from "./plan/plan-faults.ts";
import { work } from "./programs/tasks.ts";

/** What hears of the course of a verification. */
export type OnProgress = (line: string) => void;

const PROBE_MS = 10_000;
const RECOVERY_MS = 90_000;
/** The numbers of what is enqueued to see whether anything works: behind those of any plan. */
const FIRST_PROBE = 1_000_000_000;

/** Do `faults` at their times, and see after each how soon a new client's run goes through. */
export async function conduct(
  scene: Scene,
  faults: readonly PlannedFault[],
  onProgress: OnProgress,
): Promise<void> {
  const beganAt = performance.now();
  let turn: Promise<void> = Promise.resolve();
  const courses: Promise<void>[] = [];
  for (const fault of faults) {
    await sleep(fault.at - (performance.now() - beganAt));
    // What must be alone waits for what must be alone.
    const before = FAULTS[fault.kind].alone ? turn : Promise.resolve();
    const course = before.then(() => carryOut(scene, fault, onProgress));
    if (FAULTS[fault.kind].alone) turn = course;
    courses.push(course);
  }
  await Promise.all(courses);
}

// Never rejects: a fault that fails is written down, and the verification goes on.
async function carryOut(scene: Scene, fault: PlannedFault, onProgress: OnProgress): Promise<void> {
  const { id, kind, lastsMs } = fault;
  const { journal } = scene.cast;
  try {
    const begun = await FAULT_OF[kind](scene, fault);
    if (begun === undefined) return;
    const { detail } = begun;
    journal.note({ what: "fault", id, kind, phase: "begins", detail });
    onProgress(`${kind} of ${detail} for ${lastsMs} ms`);
    const recovered = probe(scene, fault);
    await sleep(lastsMs);
    await begun.end();
    journal.note({ what: "fault", id, kind, phase: "ends", detail });
    await recovered;
  } catch (error) {
    const detail = `failed: ${error instanceof Error ? error.message : String(error)}`;
    journal.note({ what: "fault", id, kind, phase: "ends", detail });
    onProgress(`${kind} ${detail}`);
  }
}

async function probe({ site, cast: { journal } }: Scene, { id, kind, lastsMs }: PlannedFault): Promise<void> {
  const from = performance.now();
  const passed = (): number => Math.round(performance.now() - from);
  const n = FIRST_PROBE + id;
  while (passed() < RECOVERY_MS + lastsMs) {
    try {
      await using mesh = await connect({ ...site.connection, logger: silentLogger, events: false });
      journal.note({ what: "asked", n });
      const run = await mesh.enqueue(work, { n, workMs: 0, failures: 0, children: 0, key: "" });
      journal.note({ what: "acked", n, runId: run.id, existed: false });
      await run.result({ timeout: PROBE_MS });
      journal.note({ what: "recovered", id, kind, afterMs: passed() });
      return;
    } catch {
      await sleep(AGAIN_MS);
    }
  }
  journal.note({ what: "not-recovered", id, kind, afterMs: passed() });
}

const AGAIN_MS = 100;
