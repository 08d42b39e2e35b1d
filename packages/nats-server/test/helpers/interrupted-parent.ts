// A process that, when interrupted, still needs its server: as a worker does that drains.
import { once } from "node:events";
import { startServer } from "../../src/index.ts";
import { storedMessages, storeMessage } from "./nats-request.ts";

const server = await startServer();
const interrupted = once(process, "SIGINT");
process.send?.({ pid: server.pid });
await interrupted;
await storeMessage(server.port);
const messages = await storedMessages(server.port);
await server.stop();
process.send?.({ messages, exit: await server.exited });
process.disconnect();
