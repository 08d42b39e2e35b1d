// A process that starts a server, says so, and never stops it.
import { startServer } from "../../src/index.ts";

const [storeDir] = process.argv.slice(2);
const server = await startServer({ storeDir: storeDir === "" ? undefined : storeDir });
process.send?.({ pid: server.pid, port: server.port, storeDir: server.storeDir });
