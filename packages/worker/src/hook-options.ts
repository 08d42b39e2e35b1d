import { checkEvents, enqueueLayers } from "@umbel/client/internal";
import { invalidArgument } from "@umbel/protocol";
import type { ResolvedWorker, WorkerOptions } from "./worker-options.ts";

/** The options by which others hear of a worker's runs, or stand around them. @throws UmbelError `invalid_argument` */
export function resolveHooks({
  events = true,
  onEvent,
  middleware = [],
}: WorkerOptions): Pick<ResolvedWorker, "events" | "onEvent" | "middleware"> {
  enqueueLayers(middleware);
  if (onEvent !== undefined && typeof onEvent !== "function") {
    throw invalidArgument({ field: "onEvent", received: onEvent, expected: "a function" });
  }
  return { events: checkEvents(events), onEvent, middleware };
}
