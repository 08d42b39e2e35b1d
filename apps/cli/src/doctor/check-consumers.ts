import type { ConsumerFacts } from "@umbel/broker";
import { counted } from "../output/counted.ts";
import { checker, type Check } from "./check.ts";

const NEAR_LIMIT = 0.8;

/** Whether the consumers are as promises need them, and have room. Pure. */
export function checkConsumers(consumers: readonly ConsumerFacts[]): readonly Check[] {
  const { ok, fail, skip } = checker("consumers");
  const own = consumers.filter(({ queue }) => queue !== undefined);
  if (own.length === 0) return [skip("there are none: no worker has ever served a queue", "Start a worker.")];
  const problems = own.flatMap((consumer) => [
    ...consumer.problems.map((problem) =>
      fail(
        `${consumer.name}: ${problem}`,
        "Restart a worker of its queue: it sets this right; or delete the consumer.",
      ),
    ),
    ...roomOf(consumer),
  ]);
  const paused = own.filter((consumer) => consumer.paused).map(pausedCheck);
  if (problems.length + paused.length > 0) return [...problems, ...paused];
  const queues = [...new Set(own.map(({ queue }) => queue))];
  return [
    ok(
      `${own.length} for ${queues.length === 1 ? "the queue" : "the queues"} ${queues.join(", ")}, as needed`,
    ),
  ];
}

function roomOf({ name, lane, inProgress, maxInProgress }: ConsumerFacts): readonly Check[] {
  // A lane hands over one run at a time: that is what it is for.
  if (lane !== undefined) return [];
  if (maxInProgress <= 0 || inProgress < NEAR_LIMIT * maxInProgress) return [];
  return [
    checker("consumers").warn(
      `${name}: ${counted(inProgress, "run is", "runs are")} held by workers, and ${maxInProgress} is the most (max_ack_pending)`,
      "At the limit nothing more is delivered: let workers take fewer at a time, or look for ones that hang.",
    ),
  ];
}

function pausedCheck({ name }: ConsumerFacts): Check {
  return checker("consumers").warn(
    `${name} is paused: its runs wait`,
    `Resume it: nats consumer resume <stream> ${name}`,
  );
}
