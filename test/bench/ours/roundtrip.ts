import { connect } from "@umbel/client";
import { timeEach } from "../measure/timing.ts";
import { serveProducer } from "../processes/producer.ts";
import { noop, noopInput } from "../work/tasks.ts";

await serveProducer(async ({ url }) => {
  const mesh = await connect({ servers: url });
  const call = async (index: number): Promise<void> => {
    const run = await mesh.enqueue(noop, noopInput(index));
    if ((await run.result()) !== index) throw new Error(`run ${index} came back as something else`);
  };
  return {
    produce: (from, count) => timeEach(count, (index) => call(from + index)),
    close: () => mesh.close(),
  };
});
