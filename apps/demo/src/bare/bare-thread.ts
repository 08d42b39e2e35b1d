// A thread that analyses what it is given: no mesh, no server, no process between it and the caller.
import { parentPort } from "node:worker_threads";
import { analyse, analysisInput } from "../analysis/analyse.ts";

parentPort?.on("message", (input: unknown) => {
  parentPort?.postMessage(analyse(analysisInput.parse(input)));
});
