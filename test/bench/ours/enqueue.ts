import { connect } from "@umbel/client";
import { inLanes, timeRate } from "../measure/timing.ts";
import { serveProducer } from "../processes/producer.ts";
import { noop, noopInput } from "../work/tasks.ts";

const INPUT = noopInput(0);

await serveProducer(async ({ url, width }) => {
  const mesh = await connect({ servers: url });
  return {
    produce: (_from, count) => timeRate(count, () => inLanes(count, width, () => mesh.enqueue(noop, INPUT))),
    close: () => mesh.close(),
  };
});
