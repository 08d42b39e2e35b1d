import { inLanes } from "../../measure/timing.ts";
import { serveWorker } from "../../processes/worker-side.ts";
import { inputOf } from "./input-of.ts";
import { openPgBoss } from "./open-pg-boss.ts";

// Jobs are fetched in batches; more than slots, so that few slots do not mean a query for each job.
const LEAST_BATCH = 100;
const POLL_SECONDS = 0.5;

await serveWorker(async ({ url, width }, mark) => {
  const boss = await openPgBoss(url);
  let working: string | undefined;
  return {
    work: async (queue) => {
      working = queue;
      const options = {
        batchSize: Math.max(LEAST_BATCH, width),
        pollingIntervalSeconds: POLL_SECONDS,
        burstWhenBatchFull: true,
        perJobResults: true,
      } as const;
      await boss.work(queue, options, async (jobs) => {
        await inLanes(jobs.length, width, async (place) => {
          const input = inputOf(jobs[place]?.data);
          mark(input.index, input);
        });
        return jobs.map(({ id, data }) => ({
          id,
          status: "completed",
          output: { index: inputOf(data).index },
        }));
      });
    },
    stop: async () => (working === undefined ? undefined : boss.offWork(working)),
    close: () => boss.stop({ graceful: false }),
  };
});
