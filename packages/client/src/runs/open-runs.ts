import {
  readDelivered,
  readOpenRuns,
  readRecordsOf,
  type BrokerConnection,
  type OpenRun,
  type ReadOpenRuns,
  type StoredRecord,
} from "@umbel/broker";
import { consumerName, isOutcome, parseTickSubject } from "@umbel/protocol";
import type { PageSource } from "../fill-page.ts";
import { infoOfMessage, infoOfRecord, type RunInfo } from "../run-info.ts";
import type { RunPhase } from "./run-phases.ts";
import type { ResolvedFilter } from "./run-query.ts";

/** A producer's clock may differ from the server's by this much without its runs being overlooked. */
export const CLOCK_MARGIN_MS = 60_000;

/** What an {@link OpenRuns} is of. */
export interface OpenRunsFilter extends ResolvedFilter {
  /** Also those that are cancelled and whose message is still there: whoever cancelled them was interrupted. */
  readonly halfCancelled?: boolean;
}

/** The runs that have not ended, of one walk over the tasks stream. */
export class OpenRuns implements PageSource<OpenRun, RunInfo> {
  readonly exact: boolean;
  readonly #connection: BrokerConnection;
  readonly #phase: RunPhase & { readonly subjects: string };
  readonly #filter: OpenRunsFilter;
  readonly #delivered = new Map<string, Promise<number>>();

  constructor(
    connection: BrokerConnection,
    phase: RunPhase & { readonly subjects: string },
    filter: OpenRunsFilter,
  ) {
    this.#connection = connection;
    this.#phase = phase;
    this.#filter = filter;
    const { states, tag, key, since, until } = filter;
    this.exact = [states, tag, key, since, until].every((field) => field === undefined) && phase.kind === "t";
  }

  read(after: number, limit: number): Promise<ReadOpenRuns> {
    const { since } = this.#filter;
    const from =
      since === undefined || after > 0 ? { after } : { storedSince: Math.max(0, since - CLOCK_MARGIN_MS) };
    return readOpenRuns(this.#connection, { filter: this.#phase.subjects, limit, ...from });
  }

  async select(items: readonly OpenRun[]): Promise<readonly (RunInfo | undefined)[]> {
    const told = items.map((item) => this.#told(item));
    const wanted = items.filter((_, index) => told[index] !== undefined);
    const records = await readRecordsOf(
      this.#connection,
      wanted.map(({ runId }) => runId),
    );
    return Promise.all(items.map((item, index) => this.#entry(item, told[index], records.get(item.runId))));
  }

  /** What the messages alone tell, for those who do not ask for a state. */
  selectByMessage(items: readonly OpenRun[]): readonly (RunInfo | undefined)[] {
    return items.map((item) => this.#told(item));
  }

  // What the message says, if it belongs to the listing as far as that says.
  #told(item: OpenRun): RunInfo | undefined {
    // Ticks of schedules are no runs.
    if (parseTickSubject(item.subject) !== undefined) return undefined;
    // The other walk finds it, when its key is spelled like a task.
    if (this.#phase.kind === "t" && this.#filter.task !== undefined && stageOf(item) === "K")
      return undefined;
    const told = {
      queue: item.subject.split(".")[2] ?? "",
      ...infoOfMessage(item.runId, item),
      ...(item.key === undefined ? {} : { key: item.key }),
    };
    return belongs(told, this.#filter) ? told : undefined;
  }

  async #entry(
    item: OpenRun,
    told: RunInfo | undefined,
    stored: StoredRecord | undefined,
  ): Promise<RunInfo | undefined> {
    if (told === undefined) return undefined;
    if (this.#filter.halfCancelled === true && stored?.record?.state === "cancelled") return told;
    const info = openInfo(told, stored, await this.#isHeld(item, stored));
    return info === undefined || this.#filter.states?.has(info.state) === false ? undefined : info;
  }

  async #isHeld({ address, sequence }: OpenRun, stored: StoredRecord | undefined): Promise<boolean> {
    if (stored !== undefined || address?.kind !== "ready") return false;
    const consumer = consumerName(address.queue, address.priority);
    const delivered = this.#delivered.get(consumer) ?? readDelivered(this.#connection, consumer);
    this.#delivered.set(consumer, delivered);
    return sequence <= (await delivered);
  }
}

function stageOf({ subject }: OpenRun): string | undefined {
  return subject.split(".")[1];
}

/**
 * What is known of a run that has not ended; `undefined` when it has. `held`: no record, and a worker was given it:
 * it runs, or that worker has handed it back. Pure.
 */
export function openInfo(
  told: RunInfo,
  stored: Pick<StoredRecord, "record" | "tombstone"> | undefined,
  held: boolean,
): RunInfo | undefined {
  const record = stored?.record;
  if (stored?.tombstone === true || (record !== undefined && isOutcome(record))) return undefined;
  if (record !== undefined) return { ...told, ...infoOfRecord(told.runId, { record }) };
  return held && told.state === "queued" ? { ...told, state: "running" } : told;
}

/** Whether a run belongs to a listing, whatever its state. Pure. */
export function belongs(info: RunInfo, filter: ResolvedFilter): boolean {
  const { queue, task, tag, key } = filter;
  if (queue !== undefined && info.queue !== queue) return false;
  if (task !== undefined && info.task !== task) return false;
  if (key !== undefined && info.key !== key) return false;
  if (tag !== undefined && info.tags?.includes(tag) !== true) return false;
  return isInTime(info, filter);
}

function isInTime({ finishedAt, enqueuedAt }: RunInfo, { since, until }: ResolvedFilter): boolean {
  if (since === undefined && until === undefined) return true;
  const at = finishedAt ?? enqueuedAt;
  return at !== undefined && at >= (since ?? at) && at < (until ?? Infinity);
}
