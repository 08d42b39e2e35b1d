import { connect } from "@umbel/client";
import { settledRssMb } from "../measure/memory.ts";
import { inLanes } from "../measure/timing.ts";
import { Leftovers } from "../processes/leftovers.ts";
import { joinParent } from "../processes/parent.ts";
import { noop, noopInput } from "../work/tasks.ts";

const parent = joinParent();
const { n, url, width } = parent.settings;
const leftovers = new Leftovers();
const mesh = await connect({ servers: url });

const call = async (index: number): Promise<void> => {
  const run = await mesh.enqueue(noop, noopInput(index));
  if ((await run.result()) !== index) throw new Error(`run ${index} came back as something else`);
};

for (let done = 0; done < n;) {
  const count = (await parent.next("go")).values["count"] ?? 0;
  const from = done;
  const beganAt = performance.now();
  await inLanes(count, width, (index) => call(from + index));
  const seconds = (performance.now() - beganAt) / 1_000;
  done += count;
  parent.tell("sample", { rssMb: await settledRssMb(), seconds });
}
await parent.next("end");
await mesh.close();
const left = await leftovers.list();
parent.tell("closed", { leftovers: left.length }, left.join(", "));
parent.leave();
