// Starts a worker in a process of its own, prints its process id and waits to be killed.
import { createTestMesh } from "@umbel/testing";

const [server = "", name = "", module = ""] = process.argv.slice(2);
const mesh = await createTestMesh({ server, name });
const { pid } = await mesh.spawnWorker({ modules: [module] });
process.stdout.write(`${pid}\n`);
