import { joinParent } from "../../processes/parent.ts";
import { BENCH_QUEUE } from "../../work/tasks.ts";
import type { OpenDriver } from "./driver.ts";
import { MODES, type Mode } from "./modes.ts";

/** Be the client's process of a system: for each `measure`, in the mode that `text` names, tell what came of it. */
export async function serveDriver(open: OpenDriver): Promise<void> {
  const parent = joinParent();
  const { url, variant, queue = BENCH_QUEUE } = parent.settings;
  const driver = await open({ url, variant, queue });
  parent.tell("ready");
  for (;;) {
    const { values, text } = await parent.next("measure");
    if (!isMode(text)) break;
    const { from = 0, count = 0, width = 1, rate, chunk, firstDueAt, sample } = values;
    const plan = { from, count, width, rate, chunk, firstDueAt, sample: sample === 1 };
    parent.tell("measured", await MODES[text](driver, plan));
  }
  await driver.close();
  parent.leave();
}

function isMode(text: string | undefined): text is Mode {
  return text !== undefined && Object.hasOwn(MODES, text);
}
