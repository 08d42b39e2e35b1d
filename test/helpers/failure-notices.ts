import type { FailureNotice } from "@umbel/client";
import type { TestMesh } from "@umbel/testing";
import { connectTo, openRuns } from "./consumers.ts";
import { cleanup } from "./failing-tasks.ts";
import type { Journal } from "./journal.ts";

/** The notice of the one run of {@link cleanup}, once nothing waits or runs any more. */
export async function onlyNotice(mesh: TestMesh, journal: Journal): Promise<FailureNotice> {
  await using connection = await connectTo(mesh);
  const started = (): boolean => cleanups(journal).length > 0;
  await mesh.eventually("the failure is told", started, { timeoutMs: 60_000 });
  await mesh.eventually("every message is settled", async () => (await openRuns(connection)) === 0);
  const [first, ...others] = cleanups(journal);
  if (first === undefined || others.length > 0) throw new Error(`told ${others.length + 1} times`);
  return mesh.client.run<FailureNotice>(first).result({ timeout: "60s" });
}

/** The runs of {@link cleanup} that have started, one entry for each start. */
export function cleanups(journal: Journal): readonly string[] {
  return journal
    .starts()
    .filter(({ task }) => task === cleanup.name)
    .map(({ runId }) => runId);
}
