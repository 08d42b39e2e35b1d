import { parentPort } from "node:worker_threads";
import { burn } from "../work/burn.ts";

parentPort?.on("message", (iterations: number) => {
  burn(iterations);
  parentPort?.postMessage("done");
});
