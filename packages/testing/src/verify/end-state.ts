import {
  connectBroker,
  countWaiting,
  readDeadLetters,
  readRecordsOf,
  type BrokerConnection,
} from "@umbel/broker";
import { connect } from "@umbel/client";
import { decode, isOutcomeState } from "@umbel/protocol";
import { silentLogger, sleep } from "@umbel/runtime";
import type { Site } from "./arena/site.ts";
import type { EndRecord, EndSchedule, EndState, HistoryEntry, OutcomeNotice } from "./history/entries.ts";
import { readHistory } from "./history/journal.ts";

const AGAIN_MS = 500;
const PAGE = 1_000;

/** The runs that the mesh owes an outcome: those of every enqueue that was acknowledged. */
function owedRuns(entries: readonly HistoryEntry[]): readonly string[] {
  return [...new Set(entries.flatMap((entry) => ("runId" in entry ? [entry.runId] : [])))];
}

/**
 * Wait until every schedule of the history has ended and every run has an outcome, for `mostMs` at most.
 * @returns how long that took
 */
export async function settle(site: Site, folder: string, mostMs: number): Promise<number> {
  const from = performance.now();
  const left = (): number => mostMs - (performance.now() - from);
  const ended = new Set<string>();
  while (left() > 0) {
    const entries = readHistory(folder);
    const schedules = await readSchedules(site, entries).catch(() => undefined);
    const owed = [...owedRuns(entries), ...runsOf(schedules)];
    const open = owed.filter((runId) => !ended.has(runId));
    if (open.length === 0 && haveEnded(entries, schedules)) break;
    for (const [runId, { state }] of await readEnds(site, open)) if (isOutcomeState(state)) ended.add(runId);
    await sleep(AGAIN_MS);
  }
  return Math.round(performance.now() - from);
}

type Schedules = ReadonlyMap<string, EndSchedule>;

function runsOf(schedules: Schedules | undefined): readonly string[] {
  return [...(schedules?.values() ?? [])].flatMap(({ runs }) => runs.map(({ runId }) => runId));
}

function haveEnded(entries: readonly HistoryEntry[], schedules: Schedules | undefined): boolean {
  return entries.every(
    (entry) => entry.what !== "scheduled" || schedules?.get(entry.scheduleId)?.state === "ended",
  );
}

// Those of the history: others may be there, whose put was not acknowledged.
async function readSchedules({ connection }: Site, entries: readonly HistoryEntry[]): Promise<Schedules> {
  const ids = new Set(entries.flatMap((entry) => (entry.what === "scheduled" ? [entry.scheduleId] : [])));
  if (ids.size === 0) return new Map();
  await using mesh = await connect({ ...connection, logger: silentLogger, events: false });
  const found = (await mesh.schedules.list()).filter(({ id }) => ids.has(id));
  return new Map(found.map(({ id, state, missedCount, runs }) => [id, { state, missedCount, runs }]));
}

// Over a connection of its own: an older one may be to a server that is not there.
async function readEnds({ connection }: Site, runIds: readonly string[]): Promise<Map<string, EndRecord>> {
  try {
    await using broker = await connectBroker(connection);
    return await readEndsOf(broker, runIds);
  } catch {
    return new Map();
  }
}

async function readEndsOf(
  broker: BrokerConnection,
  runIds: readonly string[],
): Promise<Map<string, EndRecord>> {
  const found = new Map<string, EndRecord>();
  for (const [runId, { record }] of await readRecordsOf(broker, runIds)) {
    if (record === undefined) continue;
    const { state, attempt } = record;
    const result = state === "succeeded" ? record.result : undefined;
    found.set(runId, { state, attempt, ...(result === undefined ? {} : { value: decode(result) }) });
  }
  return found;
}

/** What is there when all is over. @throws UmbelError when the broker cannot be asked */
export async function readEndState(
  site: Site,
  entries: readonly HistoryEntry[],
  notices: readonly OutcomeNotice[],
): Promise<EndState> {
  await using broker = await connectBroker(site.connection);
  const { queues } = await countWaiting(broker);
  const schedules = await readSchedules(site, entries);
  return {
    records: await readEndsOf(broker, [...new Set([...owedRuns(entries), ...runsOf(schedules)])]),
    schedules,
    deadLetters: await readAllLetters(broker),
    notices,
    leftMessages: queues.reduce(
      (sum, { ready, keyed, delayed, retrying }) => sum + ready + keyed + delayed + retrying,
      0,
    ),
  };
}

async function readAllLetters(broker: BrokerConnection): Promise<readonly string[]> {
  const runIds: string[] = [];
  let after = 0;
  for (;;) {
    const query = { filter: `${broker.mesh}.D.*.*.*`, after, limit: PAGE };
    const { letters, more } = await readDeadLetters(broker, query);
    runIds.push(...letters.map(({ runId }) => runId));
    after = letters.at(-1)?.sequence ?? after;
    if (!more) return runIds;
  }
}
