import { sleep } from "@umbel/runtime";

const BYTES_PER_MB = 1_048_576;
const TRIES = 6;
const PAUSE_MS = 50;

/**
 * What this process holds of the machine's memory once garbage is collected, and V8 has given back the pages that it
 * keeps for later, in MB. The least of a few looks: pages go back to the system a little later.
 *
 * @throws Error unless node runs with `--expose-gc`.
 */
export async function settledRssMb(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error("run node with --expose-gc");
  let leastBytes = Infinity;
  for (let tries = 0; tries < TRIES; tries++) {
    globalThis.gc({ type: "major", execution: "sync", flavor: "last-resort" });
    await sleep(PAUSE_MS);
    leastBytes = Math.min(leastBytes, process.memoryUsage.rss());
  }
  return leastBytes / BYTES_PER_MB;
}
