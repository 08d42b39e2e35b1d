import type { ConsumerFacts } from "@umbel/broker";
import { counted } from "../output/counted.ts";
import { formatDuration } from "../output/time.ts";
import { checker, type Check } from "./check.ts";

/** Whether what workers hold moves: of each queue, whether anything began or ended within `stuckAfterMs`. Pure. */
export function checkHeld(consumers: readonly ConsumerFacts[], stuckAfterMs: number): readonly Check[] {
  const { warn } = checker("held");
  const queues = [...new Set(consumers.flatMap(({ queue }) => (queue === undefined ? [] : [queue])))];
  return queues.flatMap((queue) => {
    const own = consumers.filter((consumer) => consumer.queue === queue);
    const held = own.reduce((sum, { inProgress }) => sum + inProgress, 0);
    const idleMs = Math.min(...own.map((consumer) => consumer.idleMs ?? Infinity));
    if (held === 0 || idleMs < stuckAfterMs || !Number.isFinite(idleMs)) return [];
    return [
      warn(
        `${queue}: ${counted(held, "run is", "runs are")} held by workers, and none began or ended for ${formatDuration(idleMs)}`,
        `Look at them: umbel runs --state running --queue ${queue}. If they are not meant to take so long: umbel cancel <id>, and give the task a timeout.`,
      ),
    ];
  });
}
