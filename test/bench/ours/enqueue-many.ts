import { connect } from "@umbel/client";
import { timeRate } from "../measure/timing.ts";
import { serveProducer } from "../processes/producer.ts";
import { noop, noopInput } from "../work/tasks.ts";

const INPUT = noopInput(0);

await serveProducer(async ({ url }) => {
  const mesh = await connect({ servers: url });
  return {
    produce: (_from, count) => {
      const inputs = Array.from({ length: count }, () => INPUT);
      return timeRate(count, async () => {
        await mesh.enqueueMany(noop, inputs);
      });
    },
    close: () => mesh.close(),
  };
});
