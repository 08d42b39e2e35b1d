import type { Scenario } from "./scenario.ts";
import { backlog } from "./scenarios/backlog.ts";
import { cancel } from "./scenarios/cancel.ts";
import { cpu } from "./scenarios/cpu.ts";
import { enqueue } from "./scenarios/enqueue.ts";
import { enqueueAwaited } from "./scenarios/enqueue-awaited.ts";
import { enqueueMany } from "./scenarios/enqueue-many.ts";
import { lateness, latenessPending } from "./scenarios/lateness.ts";
import { keyed } from "./scenarios/keyed.ts";
import { matched } from "./scenarios/matched.ts";
import { memory } from "./scenarios/memory.ts";
import { priority } from "./scenarios/priority.ts";
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
  ...matched,
  cpu,
  lateness,
  latenessPending,
  priority,
  keyed,
  memory,
  backlog,
  cancel,
  soak,
];
