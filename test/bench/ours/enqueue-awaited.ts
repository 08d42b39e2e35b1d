import { connect } from "@umbel/client";
import { timeEach } from "../measure/timing.ts";
import { serveProducer } from "../processes/producer.ts";
import { noop, noopInput } from "../work/tasks.ts";

const INPUT = noopInput(0);

await serveProducer(async ({ url }) => {
  const mesh = await connect({ servers: url });
  return {
    produce: (_from, count) => timeEach(count, () => mesh.enqueue(noop, INPUT)),
    close: () => mesh.close(),
  };
});
