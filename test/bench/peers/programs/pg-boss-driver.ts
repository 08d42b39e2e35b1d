import { sleep } from "@umbel/runtime";
import { inputOf } from "./input-of.ts";
import { openPgBoss } from "./open-pg-boss.ts";
import type { OpenDriver } from "./driver.ts";
import { serveDriver } from "./serve-driver.ts";

const LOOK_EVERY_MS = 5;

export const open: OpenDriver = async ({ url, queue }) => {
  const boss = await openPgBoss(url);
  // It tells nobody that a job is done: callers look.
  const resultOf = async (id: string | null): Promise<unknown> => {
    for (;;) {
      const [job] = await boss.findJobs(queue, { id });
      if (job?.state === "completed") return inputOf(job.output).index;
      await sleep(LOOK_EVERY_MS);
    }
  };
  return {
    add: (input) => boss.send(queue, input),
    addMany: (inputs) =>
      boss.insert(
        queue,
        inputs.map((data) => ({ data })),
      ),
    bulk: { size: 1_000, lanes: 4 },
    call: async (input) => resultOf(await boss.send(queue, input)),
    close: () => boss.stop({ graceful: false }),
  };
};

if (import.meta.main) await serveDriver(open);
