import { ShortLivedMap } from "@umbel/runtime";
import { lastToken, shardNotices, shardOf } from "@umbel/protocol";
import { decoder, encoder, fieldOf } from "../../raw/codec.ts";
import { MESH } from "../../raw/connection.ts";
import { LeanProducer } from "../../raw/lean-producer.ts";
import { publishAll } from "../../raw/lean-publisher.ts";
import type { MatchInput, OpenDriver } from "./driver.ts";
import { serveDriver } from "./serve-driver.ts";

const BULK_WIDTH = 2_000;

export const open: OpenDriver = async ({ url }) => {
  const producer = await LeanProducer.connect(url);
  const awaited = new ShortLivedMap<string, (body: Uint8Array) => void>();
  producer.nats.subscribe(shardNotices(MESH, shardOf(producer.origin)), {
    callback: (_error, { subject, data }) => {
      const runId = lastToken(subject);
      awaited.take(runId)?.(data);
    },
  });
  const addEach = (inputs: readonly MatchInput[], width: number): Promise<void> => {
    let next = 0;
    return publishAll(inputs.length, width, (onStored) => {
      producer.publish(onStored, encoder.encode(inputs[next++]));
    });
  };
  const call = async (input: MatchInput): Promise<unknown> => {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    awaited.set(
      producer.publish(() => undefined, encoder.encode(input)),
      resolve,
    );
    const result = fieldOf(decoder.decode(await promise), "result");
    return result instanceof Uint8Array ? decoder.decode(result) : undefined;
  };
  return {
    add: (input) => new Promise<void>((resolve) => producer.publish(resolve, encoder.encode(input))),
    addEach,
    addMany: (inputs) => addEach(inputs, BULK_WIDTH),
    bulk: { size: 100_000, lanes: 1 },
    call,
    close: () => producer.nats.close(),
  };
};

if (import.meta.main) await serveDriver(open);
