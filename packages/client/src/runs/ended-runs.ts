import { readRecords, type BrokerConnection, type ReadRecord, type ReadRecords } from "@umbel/broker";
import { isOutcome } from "@umbel/protocol";
import type { PageSource } from "../fill-page.ts";
import { infoOfRecord, type RunInfo } from "../run-info.ts";
import { belongs, CLOCK_MARGIN_MS } from "./open-runs.ts";
import type { ResolvedFilter } from "./run-query.ts";

/** The runs that have ended, as long as their outcomes are kept, in the order in which they did. */
export class EndedRuns implements PageSource<ReadRecord, RunInfo> {
  /** Among the records are those of runs that have not ended. */
  readonly exact = false;
  readonly #connection: BrokerConnection;
  readonly #filter: ResolvedFilter;

  constructor(connection: BrokerConnection, filter: ResolvedFilter) {
    this.#connection = connection;
    this.#filter = filter;
  }

  read(after: number, limit: number): Promise<ReadRecords> {
    const { since } = this.#filter;
    const from =
      since === undefined || after > 0 ? { after } : { storedSince: Math.max(0, since - CLOCK_MARGIN_MS) };
    return readRecords(this.#connection, { limit, ...from });
  }

  select(items: readonly ReadRecord[]): Promise<readonly (RunInfo | undefined)[]> {
    return Promise.resolve(items.map((item) => endedInfo(item, this.#filter)));
  }
}

/** What is known of a run that has ended and belongs to the listing. Pure. */
export function endedInfo(
  { runId, record }: Pick<ReadRecord, "runId" | "record">,
  filter: ResolvedFilter,
): RunInfo | undefined {
  if (record === undefined || !isOutcome(record)) return undefined;
  if (filter.states?.has(record.state) === false) return undefined;
  const info = infoOfRecord(runId, { record });
  return belongs(info, filter) ? info : undefined;
}
