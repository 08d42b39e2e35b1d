import type { NamedQueueConfig } from "@umbel/broker";
import type { WorkerStatus } from "@umbel/client";
import { isPaused } from "@umbel/protocol";
import { counted } from "../output/counted.ts";

/** What is known of those that could take runs. */
export interface Takers {
  /** `undefined`: this user may not read the registry. */
  readonly workers: readonly WorkerStatus[] | undefined;
  readonly configs: readonly NamedQueueConfig[];
  /** By the server's clock. */
  readonly now: number;
}

/** Why nobody takes the runs of a queue, and what to do. */
export interface Untaken {
  readonly why: string;
  readonly advice: string;
}

/** Why nobody takes the runs of `queue` although some wait. Pure. */
export function untaken(queue: string, { workers, configs, now }: Takers): Untaken {
  const paused = pauseOf(queue, configs, now);
  if (paused !== undefined) return { why: paused, advice: `umbel queues resume ${queue}` };
  const start = `Start a worker that serves it: umbel worker <modules...> --queues ${queue}`;
  if (workers === undefined) return { why: "no worker takes them", advice: start };
  const serving = workers.filter(({ queues, state }) => state !== "lost" && queues.includes(queue));
  if (serving.length === 0) return { why: "no worker serves the queue", advice: start };
  const willing = serving.filter(({ state }) => state !== "draining" && state !== "stopping");
  if (willing.length === 0) {
    const names = serving.map(({ name }) => name);
    return {
      why: `the workers that serve it take no more: ${names.join(", ")}`,
      advice: `${start}; or, where they were told to drain: umbel workers undrain ${names[0]}`,
    };
  }
  const silent = willing.filter(({ state }) => state === "silent");
  if (silent.length === willing.length) {
    const names = silent.map(({ name }) => name).join(", ");
    return { why: `the workers that serve it are not heard of: ${names}`, advice: "Look at their logs." };
  }
  return {
    why: `${counted(willing.length, "worker serves", "workers serve")} it and had no slot for it: other queues have them`,
    advice: `Give it slots of its own: umbel worker <modules...> --queues ${queue}; or more --concurrency or --threads.`,
  };
}

function pauseOf(queue: string, configs: readonly NamedQueueConfig[], now: number): string | undefined {
  const config = configs.find((named) => named.queue === queue)?.config;
  if (config === undefined || !isPaused(config, now)) return undefined;
  const { by, reason, until } = config.paused ?? {};
  return [
    "the queue is paused",
    ...(by === undefined ? [] : [`by ${by}`]),
    ...(until === undefined ? [] : [`until ${new Date(until).toISOString()}`]),
    ...(reason === undefined ? [] : [`(${reason})`]),
  ].join(" ");
}
