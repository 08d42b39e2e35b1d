// The handlers of the test tasks, in a worker that stops at the point which its environment names.
import { installStopPoints } from "./stop-points.ts";

installStopPoints();

export { echoHandler, flakyHandler, gatedHandler } from "./loop-handlers.ts";
