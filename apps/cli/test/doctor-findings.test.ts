import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBroker, provisionConsumers, provisionStreams, type BrokerConnection } from "@umbel/broker";
import { connect, type Mesh } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { encodeWorkerEntry, runSubject, UmbelError, workerSubject, type WorkerEntry } from "@umbel/protocol";
import { eventually } from "@umbel/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { worker } from "../src/top/test-data/samples.ts";
import { parseLine } from "./helpers/parse.ts";
import { umbel } from "./helpers/umbel.ts";

interface Check {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly advice?: string;
}

let server: LocalServer;
let storeDir: string;
let meshes = 0;

beforeAll(async () => {
  storeDir = await mkdtemp(join(tmpdir(), "umbel-full-"));
  // So little that a test can fill it.
  const extraConfig = `jetstream { store_dir: ${JSON.stringify(storeDir)}, max_file_store: 4MB, sync_interval: 1s }`;
  server = await startServer({ monitor: true, extraConfig });
});

afterAll(async () => {
  await server?.stop();
  await rm(storeDir, { recursive: true, force: true });
});

async function freshMesh(): Promise<BrokerConnection> {
  const connection = await connectBroker({ servers: server.url, mesh: `found-${++meshes}` });
  await provisionStreams(connection);
  await provisionConsumers(connection, "default", 30_000);
  return connection;
}

async function examine({ mesh }: BrokerConnection, ...flags: readonly string[]): Promise<readonly Check[]> {
  const monitor = ["--monitor", String(server.monitorUrl), "--server", server.url, "--mesh", mesh];
  const { checks } = parseLine((await umbel(["doctor", ...monitor, "--json", ...flags])).out);
  return Array.isArray(checks) ? checks : [];
}

function named(checks: readonly Check[], name: string): readonly string[] {
  const found = checks.filter((check) => check.name === name);
  // Whatever is wrong, it says what to do.
  for (const { status, advice } of found) expect(status === "ok" || advice !== undefined).toBe(true);
  return found.map(({ status, message }) => `${status} ${message}`);
}

describe("umbel doctor finds", () => {
  test("runs that workers hold and that do not move", async () => {
    await using connection = await freshMesh();
    const { nats, mesh, streams } = connection;
    const address = { kind: "ready", priority: "normal", queue: "default", task: "t", runId: "a" } as const;
    await nats.request(runSubject(mesh, address), "");
    const pull = `$JS.API.CONSUMER.MSG.NEXT.${streams.tasks}.default_n`;
    await nats.request(pull, '{"batch":1,"expires":10000000000}', { timeout: 10_000, noMux: true });
    expect(named(await examine(connection), "held")).toEqual([]);
    expect(named(await examine(connection, "--stuck-after", "10ms"), "held")).toEqual([
      expect.stringMatching(/^warn default: 1 run is held by workers, and none began or ended for /),
    ]);
  });

  test("workers that are not heard of, blocked ones, and ones of another version", async () => {
    await using connection = await freshMesh();
    const tell = async (name: string, fields: Partial<WorkerEntry>): Promise<void> => {
      const { state: _, ageMs: __, ...entry } = worker(name);
      const body = encodeWorkerEntry({ ...entry, state: "running", ...fields });
      await connection.nats.request(workerSubject(connection.mesh, entry.id), body);
    };
    await tell("lost", { intervalMs: 1, ackWaitMs: 1, held: 2 });
    await tell("old", { version: "0.0.9", intervalMs: 60_000 });
    const loop = { delayMeanMs: 0, delayP99Ms: 0, delayMaxMs: 4_200, utilisation: 1 };
    await tell("slow", { loop, intervalMs: 60_000 });
    const found = named(await examine(connection), "workers");
    expect(found.toSorted()).toEqual([
      expect.stringMatching(/^warn lost has not been heard of for .*, and held 2 runs$/),
      "warn slow: its event loop was blocked for 4.2 s",
      "warn they have different versions of Umbel: 0.0.9, 0.1.0",
    ]);
  });

  test("a stream near a limit that somebody gave it", async () => {
    await using connection = await freshMesh();
    const { manager, streams, nats, mesh } = connection;
    const { config } = await manager.streams.info(streams.deadLetters);
    await manager.streams.update(streams.deadLetters, { ...config, max_msgs: 5 });
    for (const id of ["a", "b", "c", "d"]) await nats.request(`${mesh}.D.q.t.${id}`, "");
    expect(named(await examine(connection), "limits")).toEqual([
      expect.stringMatching(/_DLQ: 80 % of 5 messages \(max_msgs\); its oldest message is .* old$/),
    ]);
  });

  test("a server that is almost full, and delayed runs that were not started because of it", async () => {
    await using connection = await freshMesh();
    await using mesh = await connect({ servers: server.url, mesh: connection.mesh });
    const run = await mesh.enqueueByName("late", null, { delay: "2s" });
    await fill(mesh);
    const { dueAt = 0 } = await run.info();
    const full = await examine(connection);
    expect(named(full, "disk")).toEqual([expect.stringMatching(/^(?:warn|fail) .* of the server's 4 MB/)]);
    await eventually("it should have fired", () => Date.now() > dueAt + 500);
    const { manager, streams } = connection;
    await manager.streams.purge(streams.tasks, { filter: `${mesh.name}.S.filling.>` });
    const found = await examine(connection, "--stuck-after", "100ms");
    expect(named(found, "schedules")).toEqual([
      expect.stringContaining(`warn 1 delayed run has not started when due, such as ${run.id}, `),
    ]);
    expect(named(found, "disk")).toEqual([expect.stringMatching(/^ok /)]);
    expect(named(found, "receipt")).toEqual([
      "ok a run that was acknowledged survives a restart of its server, not the loss of its disk; a power cut may cost the last 1 s",
    ]);
  });
});

// With runs that are due in an hour.
async function fill(mesh: Mesh): Promise<void> {
  for (const size of [100_000, 1_000, 1]) {
    try {
      for (;;) await mesh.enqueueByName("filling", "y".repeat(size), { delay: "1h", queue: "filling" });
    } catch (error) {
      if (!UmbelError.is(error, "storage_full")) throw error;
    }
  }
}
