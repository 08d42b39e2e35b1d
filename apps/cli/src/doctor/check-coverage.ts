import type { ConsumerFacts, QueueCount, WaitingCount } from "@umbel/broker";
import { counted } from "../output/counted.ts";
import { checker, type Check } from "./check.ts";

/** Whether every stored run has a consumer that will deliver it. Pure. */
export function checkCoverage(
  { queues, strangers, complete }: WaitingCount,
  consumers: readonly ConsumerFacts[],
): readonly Check[] {
  const { ok, warn } = checker("coverage");
  const served = new Set(consumers.map(({ queue }) => queue));
  const problems = queues
    .filter(({ queue }) => !served.has(queue))
    .map((count) =>
      warn(
        `no worker has ever served the queue ${count.queue}, in which ${describeCount(count)}`,
        `Start a worker for it: umbel worker <modules...> --queues ${count.queue}; or the name is misspelt.`,
      ),
    );
  if (strangers > 0) {
    problems.push(
      warn(
        `${counted(strangers, "message is", "messages are")} on subjects that are no run's: nothing takes them`,
        "Something other than Umbel publishes into the tasks stream: find it, and purge them.",
      ),
    );
  }
  if (problems.length > 0) return problems;
  return [
    ok(
      complete
        ? "every stored run has a consumer"
        : "the first 100000 stored runs have a consumer; there are more",
    ),
  ];
}

function describeCount({ ready, keyed, delayed, retrying }: QueueCount): string {
  const waiting = ready + keyed;
  const parts = [
    ...(waiting > 0 ? [counted(waiting, "run waits", "runs wait")] : []),
    ...(delayed > 0 ? [counted(delayed, "is scheduled", "are scheduled")] : []),
    ...(retrying > 0 ? [counted(retrying, "is to be tried again", "are to be tried again")] : []),
  ];
  return parts.join(", ");
}
