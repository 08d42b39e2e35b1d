import {
  findOverdueSchedules,
  refireSchedule,
  type BrokerConnection,
  type OverdueSchedule,
  type Publisher,
} from "@umbel/broker";
import { controlSubject, decode, encode, lastToken } from "@umbel/protocol";
import { after, type Logger } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";

/** What a {@link ScheduleWatch} needs. */
export interface ScheduleWatchDeps {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly logger: Logger;
  readonly workerId: string;
  /** What is looked after in the same turn. */
  readonly also?: () => Promise<void>;
}

/** Its times in milliseconds; other than the defaults for tests. */
export interface ScheduleWatchTimes {
  /** The first look comes within this. @default 10_000 */
  readonly firstWithinMs: number;
  /** From one look of any worker to the next, or up to a third more. @default 30_000 */
  readonly everyMs: number;
  /** How late a schedule must be. @default 15_000 */
  readonly overdueMs: number;
}

const TIMES: ScheduleWatchTimes = { firstWithinMs: 10_000, everyMs: 30_000, overdueMs: 15_000 };
const NAMED = 10;

/**
 * Publishes schedules anew that should have fired and have not. The workers of a mesh take turns without a leader:
 * whoever's time comes first tells the others that it looks, and where, and they begin to wait anew. Two at the
 * same time do no harm: each schedule is replaced by compare-and-set.
 */
export class ScheduleWatch implements Disposable {
  readonly #deps: ScheduleWatchDeps;
  readonly #times: ScheduleWatchTimes;
  readonly #subject: string;
  readonly #unsubscribe: () => void;
  #from = 1;
  #disarm: () => void = () => undefined;
  #closed = false;
  /** How many schedules this worker has published anew. */
  refired = 0;

  constructor(deps: ScheduleWatchDeps, times: ScheduleWatchTimes = TIMES) {
    this.#deps = deps;
    this.#times = times;
    this.#subject = controlSubject(deps.connection.mesh, "sweep");
    this.#unsubscribe = deps.connection.subscribe(this.#subject, ({ data }) => this.#onTurn(data));
    this.#arm(Math.random() * times.firstWithinMs);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#disarm();
    this.#unsubscribe();
  }

  #arm(ms: number): void {
    this.#disarm();
    if (!this.#closed) this.#disarm = after(ms, () => void this.#look());
  }

  #armNext(): void {
    const { everyMs } = this.#times;
    this.#arm(everyMs + (Math.random() * everyMs) / 3);
  }

  // Never rejects.
  async #look(): Promise<void> {
    const { connection, logger, workerId } = this.#deps;
    try {
      if (connection.connected) {
        this.#tell();
        await this.#sweep();
        await this.#deps.also?.();
        this.#tell();
      }
    } catch (error) {
      // The mesh goes on without it, and the next turn may be another worker's.
      if (!this.#closed) logger.warn({ workerId, err: error }, "overdue schedules were not looked for");
    } finally {
      this.#armNext();
    }
  }

  async #sweep(): Promise<void> {
    const { connection, publisher } = this.#deps;
    const { overdueMs } = this.#times;
    const { overdue, scanned, next } = await findOverdueSchedules(connection, {
      from: this.#from,
      overdueMs,
    });
    this.#from = next;
    const refired: OverdueSchedule[] = [];
    for (const schedule of overdue) {
      if (this.#closed) break;
      if (await refireSchedule(publisher, schedule)) refired.push(schedule);
    }
    this.#report(refired, scanned);
  }

  #report(refired: readonly OverdueSchedule[], scanned: number): void {
    if (refired.length === 0) return;
    this.refired += refired.length;
    logEvent(this.#deps.logger, "schedule.refired", {
      workerId: this.#deps.workerId,
      count: refired.length,
      scanned,
      firesAtMs: Math.min(...refired.map(({ firesAt }) => firesAt)),
      runIds: refired.slice(0, NAMED).map(({ subject }) => lastToken(subject)),
    });
  }

  #tell(): void {
    const { connection, workerId } = this.#deps;
    connection.broadcast(this.#subject, encode({ worker: workerId, from: this.#from }));
  }

  #onTurn(data: Uint8Array): void {
    const turn = readTurn(data);
    if (turn === undefined || turn.worker === this.#deps.workerId) return;
    this.#from = turn.from;
    this.#armNext();
  }
}

function readTurn(data: Uint8Array): { readonly worker: unknown; readonly from: number } | undefined {
  try {
    const message = decode(data);
    if (typeof message !== "object" || message === null) return undefined;
    const { worker, from }: Partial<Record<string, unknown>> = { ...message };
    return typeof from === "number" && Number.isSafeInteger(from) && from >= 1 ? { worker, from } : undefined;
  } catch {
    return undefined;
  }
}
