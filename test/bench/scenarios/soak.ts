import { eventually } from "@umbel/runtime";
import { relativeGrowth, type Sample } from "../measure/statistics.ts";
import { Crew, type Child } from "../processes/crew.ts";
import type { Note } from "../processes/note.ts";
import type { Circumstances, Figures, Scenario } from "../scenario.ts";
import { BenchServer } from "../server/bench-server.ts";
import { countClients, type ClientCounts } from "../server/monitoring.ts";
import { checkDelivery } from "./check-delivery.ts";

const WORKER = new URL("../ours/soak-worker.ts", import.meta.url);
const CLIENT = new URL("../ours/soak-client.ts", import.meta.url);
const STAGES = 5;
const WIDTH = 200;

/** Many runs in the same processes: do they grow, and do they leave nothing behind? */
export const soak: Scenario = {
  name: "soak",
  about:
    "500,000 runs from enqueue() to result(): memory of worker and client (heap 8 + 48 MB), and what is left after close",
  n: 500_000,
  rounds: 1,
  sides: ["ours"],
  main: "rate",
  gates: [
    { figure: "workerRssGrowth", of: "ours", most: 0.05 },
    { figure: "clientRssGrowth", of: "ours", most: 0.05 },
    { figure: "subscriptionGrowth", of: "ours", most: 0 },
    { figure: "leftovers", of: "ours", most: 0 },
  ],
  prepare: () => measure,
};

interface Stage {
  readonly done: number;
  readonly workerRssMb: number;
  readonly clientRssMb: number;
  readonly seconds: number;
  readonly clients: ClientCounts;
}

async function measure({ n, syncInterval, profileDir }: Circumstances): Promise<Figures> {
  await using server = await BenchServer.start(syncInterval);
  await using crew = new Crew();
  const idle = await countClients(server);
  const options = {
    settings: { url: server.url, n, warmUp: 0, width: WIDTH },
    steadyMemory: true,
    profileDir,
  };
  const worker = crew.start(WORKER, options);
  await worker.next("ready");
  const client = crew.start(CLIENT, options);
  const stages: Stage[] = [];
  for (const count of stageSizes(n)) {
    const done = (stages.at(-1)?.done ?? 0) + count;
    stages.push({
      done,
      ...(await runStage(count, { worker, client })),
      clients: await countClients(server),
    });
  }
  const closed = await closeBoth(worker, client);
  await checkDelivery(server, n, closed.worker);
  return { ...growths(stages), leftovers: await countLeftovers(server, idle, closed) };
}

/** The first stage is where processes find their size; growth is counted from its end. */
function stageSizes(n: number): readonly number[] {
  const size = Math.ceil(n / STAGES);
  return Array.from({ length: STAGES }, (_, stage) => Math.min(size, n - stage * size)).filter(
    (count) => count > 0,
  );
}

interface Both {
  readonly worker: Child;
  readonly client: Child;
}

async function runStage(count: number, { worker, client }: Both): Promise<Omit<Stage, "done" | "clients">> {
  client.tell("go", { count });
  const { values: ofClient } = await client.next("sample");
  worker.tell("continue");
  const { values: ofWorker } = await worker.next("sample");
  return {
    workerRssMb: ofWorker["rssMb"] ?? 0,
    clientRssMb: ofClient["rssMb"] ?? 0,
    seconds: ofClient["seconds"] ?? 0,
  };
}

interface Closed {
  readonly worker: Note;
  readonly client: Note;
}

async function closeBoth(worker: Child, client: Child): Promise<Closed> {
  client.tell("end");
  const clientClosed = await client.next("closed");
  worker.tell("continue", {}, "end");
  const workerClosed = await worker.next("closed");
  await Promise.all([client.ended(), worker.ended()]);
  return { worker: workerClosed, client: clientClosed };
}

function growths(stages: readonly Stage[]): Figures {
  const first = stages.at(0);
  const last = stages.at(-1);
  if (first === undefined || last === undefined) throw new Error("a soak needs at least one run");
  const samples = (value: (stage: Stage) => number): Sample[] =>
    stages.map((stage) => ({ done: stage.done, value: value(stage) }));
  return {
    rate: last.done / stages.reduce((total, { seconds }) => total + seconds, 0),
    workerRssGrowth: relativeGrowth(samples(({ workerRssMb }) => workerRssMb)),
    clientRssGrowth: relativeGrowth(samples(({ clientRssMb }) => clientRssMb)),
    workerRssMb: last.workerRssMb,
    clientRssMb: last.clientRssMb,
    subscriptionGrowth: last.clients.subscriptions - first.clients.subscriptions,
  };
}

async function countLeftovers(server: BenchServer, idle: ClientCounts, closed: Closed): Promise<number> {
  let left = 0;
  for (const [who, { values, text = "" }] of Object.entries(closed)) {
    left += values["leftovers"] ?? 0;
    if (text !== "") process.stderr.write(`left in the ${who} after close: ${text}\n`);
  }
  const connections = (await settledClients(server, idle)).connections - idle.connections;
  return left + connections;
}

// The server notices a moment later that a connection is closed.
async function settledClients(server: BenchServer, idle: ClientCounts): Promise<ClientCounts> {
  const gone = eventually("the connections are gone", async () => {
    const now = await countClients(server);
    return now.connections <= idle.connections ? now : undefined;
  });
  return gone.catch(() => countClients(server));
}
