// Finding a server
export { SERVER_VARIABLE, findServer } from "./find-server.ts";
export type { FindServerOptions } from "./find-server.ts";
export type { ServerBinary } from "./search.ts";
export { MINIMUM_VERSION } from "./server-version.ts";
