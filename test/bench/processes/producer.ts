import type { Figures } from "../scenario.ts";
import { joinParent } from "./parent.ts";
import type { Settings } from "./settings.ts";

/** Something that makes runs, and measures how. */
export interface Producer {
  /** Make `count` runs whose inputs have the indexes from `from` on. */
  produce(from: number, count: number): Promise<Figures>;
  close(): Promise<void>;
}

/** Be the producing process of a benchmark: warm up, wait for the word, measure, tell. */
export async function serveProducer(open: (settings: Settings) => Promise<Producer>): Promise<void> {
  const parent = joinParent();
  const { n, warmUp } = parent.settings;
  const producer = await open(parent.settings);
  await producer.produce(0, warmUp);
  parent.tell("warm");
  await parent.next("go");
  parent.tell("measured", await producer.produce(warmUp, n));
  await parent.next("end");
  await producer.close();
  parent.leave();
}
