import { inLanes } from "../../measure/timing.ts";
import type { Filling } from "../../scenarios/fill-queue.ts";
import { noopInput } from "../../work/tasks.ts";
import type { OpenDriver } from "../programs/driver.ts";

/** Fill a queue by a driver, in this process. */
export async function fillWith(
  open: OpenDriver,
  url: string,
  { queue, from, count }: Filling,
): Promise<void> {
  const driver = await open({ url, queue });
  const { size, lanes } = driver.bulk;
  const inputs = Array.from({ length: count }, (_, index) => noopInput(from + index));
  await inLanes(Math.ceil(count / size), lanes, (call) =>
    driver.addMany(inputs.slice(call * size, (call + 1) * size)),
  );
  await driver.close();
}
