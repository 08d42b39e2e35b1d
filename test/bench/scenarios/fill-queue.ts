import { connect } from "@umbel/client";
import { noop, noopInput } from "../work/tasks.ts";

/** What is put into a queue: runs whose inputs have the indexes from `from` on. */
export interface Filling {
  readonly queue: string;
  readonly from: number;
  readonly count: number;
}

/** Fill a queue, and disconnect: nobody shall hear the outcomes. Both sides work on the same messages. */
export async function fillQueue(url: string, { queue, from, count }: Filling): Promise<void> {
  await using mesh = await connect({ servers: url });
  const inputs = Array.from({ length: count }, (_, index) => noopInput(from + index));
  await mesh.enqueueMany(noop, inputs, { queue });
}
