// A relay that dies at the point that it is told: argv is the database, the broker, the mesh and the point.
import { connect } from "@umbel/client";
import { Client, Pool } from "pg";
import { runRelay } from "./relay.ts";

const [, , database = "", broker = "", name = "", point = ""] = process.argv;
const die = (at: string): void => {
  if (at === point) process.kill(process.pid, "SIGKILL");
};

const dyingQuery = new Proxy(Client.prototype.query, {
  apply: (query, client, args: unknown[]): unknown => {
    const text = String(args[0]);
    if (text.startsWith("delete")) die("before-delete");
    if (text === "commit") die("before-commit");
    const answer: unknown = Reflect.apply(query, client, args);
    if (text === "commit" && answer instanceof Promise) void answer.then(() => die("after-commit"));
    return answer;
  },
});
Reflect.set(Client.prototype, "query", dyingQuery);

const mesh = await connect({ servers: broker, mesh: name });
const pool = new Pool({ connectionString: database });
await runRelay({
  pool,
  mesh: {
    enqueueByName: async (...args) => {
      die("before-enqueue");
      const handle = await mesh.enqueueByName(...args);
      die("after-enqueue");
      return handle;
    },
  },
  signal: new AbortController().signal,
  onError: (error) => {
    throw error;
  },
});
