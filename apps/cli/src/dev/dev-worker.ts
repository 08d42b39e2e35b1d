// The worker of `umbel dev`: a process of its own, so that every change finds a fresh one.
import { runInProcess } from "./run-worker.ts";

await runInProcess();
