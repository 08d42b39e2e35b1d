import { timeEach } from "../measure/timing.ts";
import { serveProducer } from "../processes/producer.ts";
import { LeanProducer } from "./lean-producer.ts";

await serveProducer(async ({ url }) => {
  const producer = await LeanProducer.connect(url);
  return {
    produce: (_from, count) =>
      timeEach(count, () => new Promise<void>((resolve) => producer.publish(resolve))),
    close: () => producer.nats.close(),
  };
});
