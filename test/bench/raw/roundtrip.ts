import { lastToken, shardNotices, shardOf } from "@umbel/protocol";
import { ShortLivedMap } from "@umbel/runtime";
import { timeEach } from "../measure/timing.ts";
import { serveProducer } from "../processes/producer.ts";
import { noopInput } from "../work/tasks.ts";
import { decoder, encoder, fieldOf } from "./codec.ts";
import { MESH } from "./connection.ts";
import { LeanProducer } from "./lean-producer.ts";

await serveProducer(async ({ url }) => {
  const producer = await LeanProducer.connect(url);
  const awaited = new ShortLivedMap<string, (body: Uint8Array) => void>();
  producer.nats.subscribe(shardNotices(MESH, shardOf(producer.origin)), {
    callback: (_error, { subject, data }) => {
      const runId = lastToken(subject);
      awaited.take(runId)?.(data);
    },
  });

  const call = async (index: number): Promise<void> => {
    const outcome = await new Promise<Uint8Array>((resolve) => {
      awaited.set(
        producer.publish(() => undefined, encoder.encode(noopInput(index))),
        resolve,
      );
    });
    const result = fieldOf(decoder.decode(outcome), "result");
    if (!(result instanceof Uint8Array) || decoder.decode(result) !== index)
      throw new Error(`run ${index} came back as something else`);
  };

  return {
    produce: (from, count) => timeEach(count, (index) => call(from + index)),
    close: () => producer.nats.close(),
  };
});
