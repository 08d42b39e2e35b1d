import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBroker, deleteStreams, measureServerClock, provisionStreams } from "@umbel/broker";
import { withDeadline } from "@umbel/runtime";
import { Cast, DRAIN_GRACE_MS, WORKER_TIMES } from "./arena/cast.ts";
import { Observer } from "./arena/observer.ts";
import { possibilities, type Site } from "./arena/site.ts";
import { tellStory } from "./check/story.ts";
import { conduct, type OnProgress } from "./conduct.ts";
import { readEndState, settle } from "./end-state.ts";
import { readHistory } from "./history/journal.ts";
import { FAULT_KINDS, FAULTS, type FaultKind } from "./plan/fault-kinds.ts";
import { makePlan, type Plan } from "./plan/make-plan.ts";
import { BACKOFF_MS, DEBOUNCE_MS, FIRINGS } from "./programs/tasks.ts";
import { reportOn, type VerifyReport } from "./report.ts";

/** What {@link verifySite} takes. */
export interface VerifyOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** @default all that are possible there */
  readonly faults?: readonly FaultKind[] | undefined;
  /** Enqueues a second. @default 40 */
  readonly perSecond?: number;
  /** @default 3 */
  readonly workers?: number;
  /** @default 2 */
  readonly producers?: number;
  readonly onProgress?: OnProgress;
  /** Ends it before its time: nothing is checked then, and all is cleaned up. */
  readonly signal?: AbortSignal;
  /** Where the history is written, and kept. @default a temporary folder, kept when a promise was broken */
  readonly folder?: string | undefined;
}

const SETTLE_MS = 90_000;
const PRODUCERS_END_MS = 120_000;

/**
 * Put a site under load and faults as the seed says, and check every promise. The streams of its mesh are deleted
 * at the end.
 *
 * @throws UmbelError when the servers cannot be reached at the beginning or at the end; the reason of `signal`.
 */
export async function verifySite(
  site: Site,
  options: VerifyOptions,
): Promise<VerifyReport & { readonly folder: string }> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "umbel-verify-")));
  const report = await performAndCleanUp(site, { ...options, folder });
  if (options.folder === undefined && report.violations.length === 0)
    await rm(folder, { recursive: true, force: true });
  return { ...report, folder };
}

/** The faults that are possible at a site, of those that are wanted: all when nobody says. */
export function faultsFor(site: Site, wanted: readonly FaultKind[] = FAULT_KINDS): readonly FaultKind[] {
  const possible = possibilities(site);
  return wanted.filter((kind) => possible.has(FAULTS[kind].needs));
}

type Options = VerifyOptions & { readonly folder: string };

async function performAndCleanUp(site: Site, options: Options): Promise<VerifyReport> {
  try {
    return await perform(site, options);
  } finally {
    await cleanUp(site);
  }
}

async function perform(site: Site, options: Options): Promise<VerifyReport> {
  const { seed, durationMs, folder, producers = 2, workers = 3, perSecond = 40 } = options;
  const plan = makePlan({ seed, durationMs, faults: faultsFor(site, options.faults), perSecond, producers });
  const planFile = join(folder, "operations.json");
  await writeFile(planFile, JSON.stringify(plan.operations));
  const clockMs = await prepare(site);
  await using observer = await Observer.open(site);
  await using cast = await Cast.assemble({ site, folder, planFile, workers, producers });
  const settledMs = await unlessAborted(
    play({ site, cast, plan, folder, onProgress: options.onProgress ?? (() => undefined) }),
    options.signal,
  );
  return summarize({ site, plan, observer, folder, clockMs, settledMs });
}

interface Play {
  readonly site: Site;
  readonly cast: Cast;
  readonly plan: Plan;
  readonly folder: string;
  readonly onProgress: OnProgress;
}

async function play({ site, cast, plan, folder, onProgress }: Play): Promise<number> {
  await cast.produce();
  await conduct({ site, cast }, plan.faults, onProgress);
  await untilProduced(cast);
  const settledMs = await settle(site, folder, SETTLE_MS);
  await Promise.all(cast.workers.map((post) => post.drain(DRAIN_GRACE_MS)));
  return settledMs;
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal?.reason);
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal?.removeEventListener("abort", abort);
    // What was left alone may still fail, now that its processes are gone.
    work.catch(() => undefined);
  }
}

// How far apart this machine's clock and the servers' may be: 0 when they are the same.
async function prepare(site: Site): Promise<number> {
  await using broker = await connectBroker(site.connection);
  await provisionStreams(broker, { replicas: site.replicas });
  if (site.cluster !== undefined) return 0;
  const clock = await measureServerClock(broker);
  return clock === undefined ? 0 : Math.abs(clock.offsetMs) + clock.uncertaintyMs;
}

async function untilProduced(cast: Cast): Promise<void> {
  const from = performance.now();
  for (const [index, post] of cast.producers.entries()) {
    const exit = await withDeadline(post.process?.exited ?? Promise.resolve({ code: 0 }), PRODUCERS_END_MS);
    if (exit?.code === 0) continue;
    const afterMs = Math.round(performance.now() - from);
    const kind = exit === undefined ? "a producer does not end" : `a producer failed with code ${exit.code}`;
    cast.journal.note({ what: "not-recovered", id: -index, kind, afterMs });
  }
}

interface Ended {
  readonly site: Site;
  readonly plan: Plan;
  readonly observer: Observer;
  readonly folder: string;
  readonly clockMs: number;
  readonly settledMs: number;
}

async function summarize({ site, plan, observer, folder, clockMs, settledMs }: Ended): Promise<VerifyReport> {
  const entries = readHistory(folder);
  const end = await readEndState(site, entries, observer.notices);
  const limits = {
    ackWaitMs: WORKER_TIMES.ackWaitMs,
    backoffMs: BACKOFF_MS,
    debounceMs: DEBOUNCE_MS,
    firings: FIRINGS.times,
    clockMs,
  };
  const story = tellStory({ operations: plan.operations, entries, end, limits });
  const count = (what: string): number => entries.filter((entry) => entry.what === what).length;
  return reportOn(plan, story, { asked: count("asked"), refused: count("refused"), settledMs });
}

async function cleanUp({ connection }: Site): Promise<void> {
  await using broker = await connectBroker(connection);
  await deleteStreams(broker);
}
