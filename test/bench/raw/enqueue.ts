// Also the counterpart of `enqueueMany`: lean code has nothing faster for many than publishes in flight.
import { timeRate } from "../measure/timing.ts";
import { serveProducer } from "../processes/producer.ts";
import { LeanProducer } from "./lean-producer.ts";
import { publishAll } from "./lean-publisher.ts";

await serveProducer(async ({ url, width }) => {
  const producer = await LeanProducer.connect(url);
  return {
    produce: (_from, count) =>
      timeRate(count, () => publishAll(count, width, (onStored) => producer.publish(onStored))),
    close: () => producer.nats.close(),
  };
});
