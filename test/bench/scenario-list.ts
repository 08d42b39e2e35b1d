import type { Scenario } from "./scenario.ts";
import { cpu } from "./scenarios/cpu.ts";
import { enqueue } from "./scenarios/enqueue.ts";
import { enqueueAwaited } from "./scenarios/enqueue-awaited.ts";
import { enqueueMany } from "./scenarios/enqueue-many.ts";
import { keyed } from "./scenarios/keyed.ts";
import { memory } from "./scenarios/memory.ts";
import { processMany } from "./scenarios/process.ts";
import { processOne } from "./scenarios/process-1.ts";
import { roundtrip } from "./scenarios/roundtrip.ts";
import { soak } from "./scenarios/soak.ts";

/** All scenarios, in the order in which `all` runs them. */
export const SCENARIOS: readonly Scenario[] = [
  processMany,
  processOne,
  enqueue,
  enqueueAwaited,
  enqueueMany,
  roundtrip,
  cpu,
  keyed,
  memory,
  soak,
];
