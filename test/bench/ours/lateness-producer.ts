// Enqueues runs that are due one after another.
import { connect } from "@umbel/client";
import { dueAtOf } from "../measure/lateness.ts";
import { inLanes } from "../measure/timing.ts";
import { joinParent } from "../processes/parent.ts";
import { due } from "../work/tasks.ts";

const WARM_UP_LEAD_MS = 1_500;
const LANES = 500;

const parent = joinParent();
const { n, url, warmUp } = parent.settings;
const mesh = await connect({ servers: url });

const warmAt = new Date(Date.now() + WARM_UP_LEAD_MS);
const warmInputs = Array.from({ length: warmUp }, () => ({ dueAt: warmAt.getTime(), measured: false }));
await mesh.enqueueMany(due, warmInputs, { at: warmAt });

const { firstDueAt = 0 } = (await parent.next("go")).values;
await inLanes(n, LANES, (index) => {
  const dueAt = dueAtOf(index, firstDueAt, n);
  return mesh.enqueue(due, { dueAt, measured: true }, { at: new Date(dueAt) });
});
parent.tell("enqueued", { aheadMs: firstDueAt - Date.now() });
await parent.next("end");
await mesh.close();
parent.leave();
