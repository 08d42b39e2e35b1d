import { UmbelError } from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import type { LocalServer } from "../run/local-server.ts";
import { type MetaReport, metaGroupGap, readMetaReport } from "./meta-group.ts";
import { untilReady } from "../run/readiness.ts";
import { reasonText } from "../reason-text.ts";

const EVERY_MS = 50;

/**
 * Wait until every server of a cluster takes part in it and JetStream answers through each of them.
 *
 * @throws UmbelError `server_failed` when that is not so within `timeoutMs` milliseconds.
 */
export async function requireReadyCluster(servers: readonly LocalServer[], timeoutMs: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  let gap = await gapOf(servers, signal);
  while (gap !== undefined && !signal.aborted) {
    await sleep(EVERY_MS, signal);
    gap = await gapOf(servers, signal);
  }
  if (gap === undefined) return;
  const fix = "Restart the servers that were stopped, or give it longer by startTimeoutMs.";
  throw new UmbelError("server_failed", `The cluster was not ready within ${timeoutMs} ms: ${gap}. ${fix}`, {
    details: { reason: "cluster", gap },
  });
}

async function gapOf(servers: readonly LocalServer[], signal: AbortSignal): Promise<string | undefined> {
  try {
    const gap = metaGroupGap(await Promise.all(servers.map((server) => report(server, signal))));
    return gap ?? (await firstUnready(servers, signal));
  } catch (error) {
    return reasonText(error);
  }
}

async function report({ name, monitorUrl }: LocalServer, signal: AbortSignal): Promise<MetaReport> {
  const response = await fetch(`${monitorUrl}/jsz`, { signal });
  const jsz: unknown = await response.json();
  return readMetaReport(jsz, name);
}

async function firstUnready(
  servers: readonly LocalServer[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const reasons = await Promise.all(
    servers.map(({ name, port }) => untilReady({ name, port, jetStream: true }, signal)),
  );
  return reasons.find((reason) => reason !== undefined);
}
