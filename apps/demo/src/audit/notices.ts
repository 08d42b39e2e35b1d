import { connectBroker, type BrokerConnection } from "@umbel/broker";
import {
  decodeRunRecord,
  isOutcome,
  lastToken,
  shardNotices,
  streamNames,
  streamSpecs,
  type RunRecord,
} from "@umbel/protocol";

/** What was written about one run, by the account of the broker. */
export interface RunNotices {
  readonly runId: string;
  /** Every record, in the order in which they were stored: claims, retries, outcomes. */
  readonly records: readonly RunRecord[];
  /** How many of them say how the run ended. More than one breaks the first promise of all. */
  readonly outcomes: number;
}

/**
 * Hears every run record at the moment at which the broker has stored it: an auditor beside the mesh, which
 * believes neither the producer nor the workers.
 */
export class Notices implements AsyncDisposable {
  readonly #connection: BrokerConnection;
  readonly #records = new Map<string, RunRecord[]>();
  readonly #deadLetters = new Set<string>();
  #retries = 0;

  private constructor(connection: BrokerConnection) {
    this.#connection = connection;
    const { mesh } = connection;
    connection.subscribe(shardNotices(mesh, "*"), ({ subject, data }) => {
      // A tombstone has no body: it is no record.
      if (data.length > 0) this.#hear(lastToken(subject), decodeRunRecord(data));
    });
    for (const subject of deadLetterSubjects(mesh)) {
      connection.subscribe(subject, (message) => this.#deadLetters.add(lastToken(message.subject)));
    }
  }

  /** Hear the records of all runs from now on. @throws UmbelError as `connectBroker` does */
  static async start(servers: string): Promise<Notices> {
    const notices = new Notices(await connectBroker({ servers, name: "umbel-demo-auditor" }));
    await notices.#connection.flush();
    return notices;
  }

  /** What was written about every run that anything was written about. */
  get all(): readonly RunNotices[] {
    return [...this.#records.keys()].map((runId) => this.of(runId));
  }

  /** The runs that were put into the dead letters. */
  get deadLetters(): ReadonlySet<string> {
    return this.#deadLetters;
  }

  /** How many attempts were written to be followed by another one. */
  get retries(): number {
    return this.#retries;
  }

  /** What was written about a run. */
  of(runId: string): RunNotices {
    const records = this.#records.get(runId) ?? [];
    return { runId, records, outcomes: records.filter(isOutcome).length };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection.close();
  }

  #hear(runId: string, record: RunRecord): void {
    if (record.state === "retrying") this.#retries += 1;
    const records = this.#records.get(runId);
    if (records === undefined) this.#records.set(runId, [record]);
    else records.push(record);
  }
}

function deadLetterSubjects(mesh: string): readonly string[] {
  const { deadLetters } = streamNames(mesh);
  return streamSpecs(mesh).flatMap(({ name, subjects }) => (name === deadLetters ? subjects : []));
}
