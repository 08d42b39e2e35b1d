import type { FaultKind } from "../plan/fault-kinds.ts";
import { deleteConsumer, fillUp, pauseQueue, stepDown } from "./api-faults.ts";
import type { Fault } from "./fault.ts";
import { drainWorker, killProducer, killWorker, skewWorker, stopWorker } from "./process-faults.ts";
import { isolateServer, killServer, lameDuck, restartServer, stopServer } from "./server-faults.ts";
import { cutWires, deafenWires, delayWires, holdWires } from "./wire-faults.ts";

/** How each fault is done. */
export const FAULT_OF: Readonly<Record<FaultKind, Fault>> = {
  "worker-kill": killWorker,
  "worker-stop": stopWorker,
  "worker-drain": drainWorker,
  "worker-clock": skewWorker,
  "producer-kill": killProducer,
  cut: cutWires,
  partition: holdWires,
  "half-open": deafenWires,
  latency: delayWires,
  "step-down": stepDown,
  "consumer-delete": deleteConsumer,
  "stream-full": fillUp,
  "queue-pause": pauseQueue,
  "server-kill": killServer,
  "server-restart": restartServer,
  "server-lame-duck": lameDuck,
  "server-stop": stopServer,
  "server-partition": isolateServer,
};
