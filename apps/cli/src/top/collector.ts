import {
  countWaiting,
  inspectConsumers,
  inspectUse,
  QueueConfigs,
  readDeadLetters,
  type BrokerConnection,
  type QueueCount,
  type StoredDeadLetter,
} from "@umbel/broker";
import type { Mesh } from "@umbel/client";
import { deadLetterFilter } from "@umbel/protocol";
import { reportQueues, type QueueReport } from "../queues/queue-report.ts";
import type { TopDead, TopFacts, TopQueue } from "./facts.ts";
import { ratesOf, sample, type Samples } from "./rates.ts";

/** Counting what is stored may be much work for the server: it gets twenty times as long to rest. */
const REST = 20;
const SHORTEST_REST_MS = 3_000;
/** Letters are not numbered without gaps: so far back the latest are looked for. */
const LOOK_BACK = 200;

/** Looks at a mesh again and again. */
export class Collector {
  readonly #broker: BrokerConnection;
  readonly #mesh: Mesh;
  readonly #configs: QueueConfigs;
  #before: Samples | undefined;
  #counts: readonly QueueCount[] = [];
  #countAgainAt = Number.NEGATIVE_INFINITY;

  constructor(broker: BrokerConnection, mesh: Mesh) {
    this.#broker = broker;
    this.#mesh = mesh;
    this.#configs = new QueueConfigs(broker);
  }

  /** Look once. @throws UmbelError when the broker cannot be asked */
  async look(): Promise<TopFacts> {
    const [configs, consumers, counts, workers, dead] = await Promise.all([
      this.#configs.list(),
      inspectConsumers(this.#broker),
      this.#count(),
      this.#mesh.workers.list(),
      this.#lookAtDead(),
    ]);
    const samples = sample(consumers, performance.now());
    const before = this.#before ?? samples;
    this.#before = samples;
    const now = Date.now();
    const reports = reportQueues({ configs, consumers, counts, now });
    return {
      at: now,
      queues: reports.map((report) => topQueue(report, before, samples)),
      workers,
      dead,
    };
  }

  async #count(): Promise<readonly QueueCount[]> {
    const startedAt = performance.now();
    if (startedAt < this.#countAgainAt) return this.#counts;
    const { queues } = await countWaiting(this.#broker);
    this.#counts = queues;
    const endedAt = performance.now();
    this.#countAgainAt = endedAt + Math.max(SHORTEST_REST_MS, REST * (endedAt - startedAt));
    return queues;
  }

  async #lookAtDead(): Promise<TopFacts["dead"]> {
    const { mesh, streams } = this.#broker;
    const use = (await inspectUse(this.#broker)).find(({ name }) => name === streams.deadLetters);
    if (use === undefined || use.messages === 0) return { count: 0, latest: [] };
    const filter = deadLetterFilter(mesh, undefined, undefined);
    const after = Math.max(0, use.lastSequence - LOOK_BACK);
    const { letters } = await readDeadLetters(this.#broker, { filter, after, limit: LOOK_BACK });
    return { count: use.messages, latest: letters.toReversed().map(topDead) };
  }
}

function topQueue(report: QueueReport, before: Samples, now: Samples): TopQueue {
  const { ready, keyed } = report;
  const rates = ratesOf(report.queue, before, now);
  return {
    ...report,
    waiting: ready.high + ready.normal + ready.low + keyed,
    inPerSecond: rates?.inPerSecond,
    outPerSecond: rates?.outPerSecond,
  };
}

function topDead({ runId, task, queue, letter }: StoredDeadLetter): TopDead {
  const error = letter?.errors.at(-1)?.error;
  const reason = letter?.reason ?? "it cannot be read";
  return {
    runId,
    task,
    queue,
    at: letter?.at,
    why: error === undefined ? reason : `${error.name}: ${error.message}`,
  };
}
