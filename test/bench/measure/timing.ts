import type { Figures } from "../scenario.ts";
import { percentile } from "./statistics.ts";

/** How many of `count` things a second `work` does. */
export async function timeRate(count: number, work: () => Promise<void>): Promise<Figures> {
  const beganAt = performance.now();
  await work();
  return { rate: (count / (performance.now() - beganAt)) * 1_000 };
}

/** How long each of `count` calls takes, one after another. */
export async function timeEach(count: number, call: (index: number) => Promise<unknown>): Promise<Figures> {
  const latencies: number[] = [];
  for (let index = 0; index < count; index++) {
    const beganAt = performance.now();
    await call(index);
    latencies.push(performance.now() - beganAt);
  }
  return { p50Ms: percentile(latencies, 50), p99Ms: percentile(latencies, 99) };
}

/** Call `work` for each index below `count`, `width` calls at a time. */
export async function inLanes(
  count: number,
  width: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}
