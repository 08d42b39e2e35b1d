// Finding a server
export { SERVER_VARIABLE, findServer } from "./find/find-server.ts";
export type { FindServerOptions } from "./find/find-server.ts";
export type { ServerBinary } from "./find/search.ts";
export { MINIMUM_VERSION } from "./server-version.ts";

// Running it
export { startServer } from "./run/start-server.ts";
export type { CommonServerOptions, LocalServerOptions } from "./run/server-options.ts";
export type { LocalServer, StopOptions } from "./run/local-server.ts";
export type { ServerExit } from "./run/server-process.ts";

// Running several
export { startCluster } from "./cluster/start-cluster.ts";
export type { LocalClusterOptions, RouteVia } from "./cluster/start-cluster.ts";
export type { LocalCluster } from "./cluster/local-cluster.ts";
