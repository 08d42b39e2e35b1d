import type { EnqueueSpan } from "@umbel/telemetry";

/** Do `work` within `span`, which ends with it. @throws what `work` throws */
export async function traced<T>(span: EnqueueSpan | undefined, work: () => Promise<T>): Promise<T> {
  if (span === undefined) return work();
  try {
    const value = await work();
    span.end();
    return value;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
