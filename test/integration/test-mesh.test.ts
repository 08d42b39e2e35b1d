import { once } from "node:events";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { connect } from "@umbel/client";
import { createTestMesh } from "@umbel/testing";
import { eventually } from "@umbel/runtime";
import { expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { LOOP, THREADS } from "../helpers/modules.ts";
import { isRunning } from "../helpers/processes.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { echo, rest, spin } from "../helpers/tasks.ts";

const shared = shareServer();

test("a test mesh runs tasks on its own server, and leaves neither server nor process behind", async () => {
  await using journal = await createJournal();
  const mesh = await createTestMesh();
  const worker = await mesh.startWorker({ modules: [LOOP, THREADS], threads: 1 });
  const child = await mesh.spawnWorker({ modules: [LOOP], queues: ["elsewhere"] });
  const { pid } = mesh.server;

  const run = await mesh.client.enqueue(echo, { journal: journal.path, value: "here" });
  expect(await run.result({ timeout: "30s" })).toBe("here");
  const computed = await mesh.client.enqueue(spin, { journal: journal.path, ms: 1 });
  expect(await computed.result({ timeout: "30s" })).toBe(process.pid);
  const away = await mesh.client.enqueue(rest, { journal: journal.path, ms: 1 }, { queue: "elsewhere" });
  expect(await away.result({ timeout: "30s" })).toBe(child.pid);
  expect(await mesh.deadLetters()).toEqual([]);

  await Promise.all([mesh.close(), mesh.close()]);
  await worker.stopped;
  expect(await child.exited).toEqual({ code: undefined, signal: "SIGKILL" });
  expect(isRunning(pid)).toBe(false);
});

test("meshes on one server do not see each other, and take their streams with them", async () => {
  await using journal = await createJournal();
  await using first = await createTestMesh({ server: shared.url });
  const second = await createTestMesh({ server: shared.url });
  expect(first.name).not.toBe(second.name);
  await second.startWorker({ modules: [LOOP] });

  const run = await first.client.enqueue(echo, { journal: journal.path, value: 1 });
  const other = await second.client.enqueue(echo, { journal: journal.path, value: 2 });
  expect(await other.result({ timeout: "30s" })).toBe(2);
  expect(await run.state()).toBe("queued");
  expect(() => first.server).toThrow("it shares");

  await second.close();
  const gone = connect({ servers: shared.url, mesh: second.name, provision: false });
  expect(await rejection(gone)).toMatchObject({ code: "not_provisioned" });
  expect(await run.state()).toBe("queued");
});

test("a process that cannot start its worker says why", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  const error = await rejection(mesh.spawnWorker({ modules: ["/nowhere/handlers.ts"] }));
  expect(error).toMatchObject({ code: "handler_missing" });
  expect(error.message).toContain("/nowhere/handlers.ts");
});

test("a worker's process ends with the process that started it", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  const script = fileURLToPath(new URL("../helpers/doomed-parent.ts", import.meta.url));
  const args = [...process.execArgv, script, mesh.url, mesh.name, LOOP.href];
  const doomed = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(doomed.stdout.setEncoding("utf8"), "data");
  const pid = Number(line);
  expect(isRunning(pid)).toBe(true);
  doomed.kill("SIGKILL");
  await eventually("the worker's process is gone", () => !isRunning(pid), { timeoutMs: 30_000 });
});

test.each([
  [{ servers: 2 }, "servers"],
  [{ replicas: 5 }, "replicas"],
  [{ server: "nats://127.0.0.1:1", extraConfig: "max_payload: 1MB" }, "extraConfig"],
  [{ serverz: 1 }, "createTestMesh.serverz"],
])("options that are not acceptable are named: %j", async (options, field) => {
  const error = await rejection(createTestMesh(JSON.parse(JSON.stringify(options))));
  expect(error).toMatchObject({ code: "invalid_argument", details: { field } });
});
