import { workerData } from "node:worker_threads";
import { connectBroker, Publisher } from "@umbel/broker";

const { servers, mesh, subject, published } = workerData;
await using connection = await connectBroker({ servers, mesh });
using publisher = new Publisher(connection);
await publisher.publish({ subject, body: new Uint8Array(), headers: undefined });
Atomics.store(published, 0, 1);
Atomics.notify(published, 0);
