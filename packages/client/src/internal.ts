// For Umbel's own packages: may change with any version.
export { createMesh } from "./create-mesh.ts";
export type { MeshExtras } from "./create-mesh.ts";
export { HEADER_ALLOWANCE_BYTES } from "./encode-input.ts";
export { checkEvents } from "./connect.ts";
export { enqueueLayers } from "./enqueue-middleware.ts";
export { traceIdOf } from "./tell-events.ts";
export { workerStatus } from "./workers/worker-status.ts";
export { armSchedule, makePending } from "./schedules/fire.ts";
export type { FireDeps } from "./schedules/fire.ts";
export { endedStates, statesOfRuns } from "./schedules/run-states.ts";
export { replaceRun } from "./schedules/replace-run.ts";
