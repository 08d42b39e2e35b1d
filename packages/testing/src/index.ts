// The mesh
export { createTestMesh } from "./create-test-mesh.ts";
export type { SpawnWorkerOptions, TestMesh, TestWorkerOptions } from "./test-mesh.ts";
export type { TestMeshOptions } from "./test-mesh-options.ts";

// Processes and logs
export type { ProcessExit, WorkerProcess } from "./spawn-worker.ts";
export { LogLines } from "./log-lines.ts";
export type { LogLine } from "./log-lines.ts";

// Waiting
export { eventually } from "@umbel/runtime";
export type { EventuallyOptions } from "@umbel/runtime";

// What tests look at
export type { StoredDeadLetter } from "@umbel/broker";
