import { createTestMesh } from "@umbel/testing";
import { expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { LOOP, THREADS } from "../helpers/modules.ts";
import { echo, spin } from "../helpers/tasks.ts";

test("x", async () => {
  console.log(process.execArgv, process.execPath);
  await using mesh = await createTestMesh();
  await using journal = await createJournal();
  await mesh.startWorker({ modules: [LOOP, THREADS], threads: 1 });
  const run = await mesh.client.enqueue(echo, { journal: journal.path, value: 1 });
  expect(await run.result({ timeout: "5s" })).toBe(1);
  const cpu = await mesh.client.enqueue(spin, { journal: journal.path, ms: 1 });
  expect(await cpu.result({ timeout: "5s" })).toBe(process.pid);
  const child = await mesh.spawnWorker({ modules: [LOOP] });
  console.log(child.log.lines, journal.entries);
});
