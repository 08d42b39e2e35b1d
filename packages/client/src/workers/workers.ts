import { readWorkers, type BrokerConnection } from "@umbel/broker";
import { checkFields, checkQueueName, checkTaskName, invalidArgument } from "@umbel/protocol";
import { oneWorker } from "./find-workers.ts";
import { workerStatus, type WorkerState, type WorkerStatus } from "./worker-status.ts";

/** Which workers are listed. What is absent does not matter. */
export interface WorkerFilter {
  readonly state?: WorkerState | readonly WorkerState[];
  /** Those that pull from this queue. */
  readonly queue?: string;
  /** Those that have a handler for this task. */
  readonly task?: string;
  readonly host?: string;
}

const STATES: readonly WorkerState[] = ["running", "draining", "stopping", "silent", "lost"];

/** The workers of a mesh, as they tell of themselves every two seconds. Made by the mesh: `mesh.workers`. */
export class Workers {
  readonly #connection: BrokerConnection;

  constructor(connection: BrokerConnection) {
    this.#connection = connection;
  }

  /**
   * The workers, by name: those that are there, and for ten minutes those that ended without a word. It is read
   * from the registry: no worker is asked.
   *
   * @throws UmbelError `invalid_argument`; `permission_denied`, `broker_unavailable`.
   */
  async list(filter: WorkerFilter = {}): Promise<readonly WorkerStatus[]> {
    const matches = checkFilter(filter);
    return (await this.#read()).filter(matches);
  }

  /**
   * One worker, by its id or its name.
   *
   * @throws UmbelError `worker_unknown` when there is none, which says which may be meant; `invalid_argument` when
   * several have that name; as {@link list} does.
   */
  async get(worker: string): Promise<WorkerStatus> {
    return oneWorker(worker, await this.#read());
  }

  async #read(): Promise<readonly WorkerStatus[]> {
    const { workers, now } = await readWorkers(this.#connection);
    return workers
      .map((stored) => workerStatus(stored, now))
      .toSorted((left, right) => left.name.localeCompare(right.name) || left.id.localeCompare(right.id));
  }
}

function checkFilter(filter: WorkerFilter): (worker: WorkerStatus) => boolean {
  checkFields(filter, "workers", ["state", "queue", "task", "host"]);
  const states = filter.state === undefined ? undefined : checkStates(filter.state);
  const queue = filter.queue === undefined ? undefined : checkQueueName(filter.queue, "workers.queue");
  const task = filter.task === undefined ? undefined : checkTaskName(filter.task, "workers.task");
  const host = filter.host;
  return (worker) =>
    (states === undefined || states.includes(worker.state)) &&
    (queue === undefined || worker.queues.includes(queue)) &&
    (task === undefined || worker.tasks.includes(task)) &&
    (host === undefined || worker.host === host);
}

function checkStates(value: WorkerState | readonly WorkerState[]): readonly WorkerState[] {
  const states = typeof value === "string" ? [value] : value;
  const wrong = states.find((state) => !STATES.includes(state));
  if (wrong === undefined) return states;
  throw invalidArgument({ field: "workers.state", received: wrong, expected: `one of ${STATES.join(", ")}` });
}
