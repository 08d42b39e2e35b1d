import type { Side } from "../scenario.ts";

/** The worker process of each side. */
export const WORKERS: Readonly<Record<Side, URL>> = {
  raw: new URL("../raw/worker.ts", import.meta.url),
  ours: new URL("../ours/worker.ts", import.meta.url),
};
