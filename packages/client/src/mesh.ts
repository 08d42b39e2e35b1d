import {
  ScheduleRecords,
  type BrokerConnection,
  type Publisher,
  type RunLocks,
  type RunRecords,
} from "@umbel/broker";
import {
  bindIdentity,
  checkRunId,
  checkTaskName,
  invalidArgument,
  type MeshEvent,
  withKey,
  type RunIdSource,
  type Task,
} from "@umbel/protocol";
import { DeadLetters } from "./dead-letters/dead-letters.ts";
import { encodeInput, type InputTask } from "./encode-input.ts";
import { resolveEnqueueOptions, type EnqueueOptions } from "./enqueue-options.ts";
import { Enqueuer, type EnqueueRequest } from "./enqueuer.ts";
import { refuseIdentity } from "./hold.ts";
import { defaultsByName } from "./plan-run.ts";
import type { Receipt } from "./receipt.ts";
import type { ResultInbox } from "./result-inbox.ts";
import { RunHandle, type HandleDeps } from "./run-handle.ts";
import {
  cancelMany,
  cancelMatching,
  type CancelFilter,
  type CancelManyOptions,
  type CancelSummary,
} from "./runs/cancel-many.ts";
import { keysOfInputs } from "./run-key.ts";
import { Runs } from "./runs/runs.ts";
import { replaceRun } from "./schedules/replace-run.ts";
import { Schedules } from "./schedules/schedules.ts";
import type { LaneDirectory } from "./queues/lane-directory.ts";
import type { Queues } from "./queues/queues.ts";
import type { EventRecorder } from "./tell-events.ts";
import type { AuditLog } from "./audit/audit-log.ts";
import { Audit } from "./audit/audit.ts";
import { Control } from "./workers/control.ts";
import { Inspect } from "./workers/inspect.ts";
import { Workers } from "./workers/workers.ts";
import { resolveEventOptions, watchEvents, type EventOptions } from "./watch-events.ts";

/** What a {@link Mesh} is made of. */
export interface MeshParts {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly records: RunRecords;
  readonly locks: RunLocks;
  readonly inbox: ResultInbox;
  readonly lanes: LaneDirectory;
  readonly queues: Queues;
  readonly audit: AuditLog;
  readonly ids: RunIdSource;
  readonly durability: Omit<Receipt, "sequence" | "existed">;
  readonly now: () => number;
  /** Hears that a lock is written and its run is not, yet: for tests that stop there. */
  readonly onLocked?: ((runId: string) => Promise<void>) | undefined;
  /** Where enqueues and cancels are told; `undefined`: nowhere. */
  readonly events: EventRecorder | undefined;
}

/** Options of {@link Mesh.enqueueMany}: those of one call, for all its runs. */
export type EnqueueManyOptions = Omit<EnqueueOptions, "runId"> & {
  /** All or nothing: at most 1000 runs, in one transaction of the broker. @default false */
  readonly atomic?: boolean;
};

/** A connection to a mesh, for whoever enqueues. Made by {@link connect}. */
export class Mesh implements AsyncDisposable {
  readonly name: string;
  /** The runs that will not be tried again. */
  readonly deadLetters: DeadLetters;
  /** The runs that wait, run or have ended. */
  readonly runs: Runs;
  /** Pauses, resumes and configures queues. */
  readonly queues: Queues;
  /** The workers that are there. */
  readonly workers: Workers;
  /** Asks workers what they are doing. */
  readonly inspect: Inspect;
  /** Tells workers what to do. */
  readonly control: Control;
  /** What operators did. */
  readonly audit: Audit;
  /** The rules that make runs at their times. */
  readonly schedules: Schedules;
  readonly #parts: MeshParts;
  readonly #handleDeps: HandleDeps;
  readonly #enqueuer: Enqueuer;

  constructor(parts: MeshParts) {
    this.name = parts.connection.mesh;
    this.queues = parts.queues;
    this.#parts = parts;
    const { connection, publisher, records, locks, inbox, now, events } = parts;
    this.#handleDeps = { connection, publisher, records, locks, inbox, now, events };
    const enqueuer = new Enqueuer(parts, this.#handleDeps);
    this.#enqueuer = enqueuer;
    this.runs = new Runs({ connection, now });
    this.workers = new Workers(connection);
    this.inspect = new Inspect(connection);
    this.audit = new Audit(connection, now);
    this.control = new Control({
      connection,
      audit: parts.audit,
      cancel: (runIds, options) => cancelMany(runIds, options, this.#handleDeps),
    });
    this.schedules = new Schedules({
      connection,
      publisher,
      records,
      now,
      schedules: new ScheduleRecords(connection, publisher),
      enqueue: (request) => this.enqueueBody(request),
      cancel: (runId, scheduleId) => replaceRun(runId, scheduleId, this.#handleDeps),
      nextRunId: () => parts.ids.next(),
      handle: (runId) => new RunHandle(runId, this.#handleDeps),
    });
    this.deadLetters = new DeadLetters({
      connection,
      publisher,
      records,
      origin: parts.ids.origin,
      now,
      lanes: parts.lanes,
      audit: parts.audit,
      handle: (runId, published) => enqueuer.handle(runId, published),
    });
  }

  /** The version of the server that this mesh is connected to. */
  get serverVersion(): string {
    return this.#parts.connection.serverVersion;
  }

  /** Whether the broker can be reached at this moment. */
  get connected(): boolean {
    return this.#parts.connection.connected;
  }

  /**
   * Enqueue one run. Resolves when the broker has stored it: from then on it is never lost.
   *
   * @throws UmbelError `schema_violation`, `invalid_argument`, `not_encodable`, `payload_too_large`: nothing was
   * sent; `storage_full`, `permission_denied`, `not_provisioned` …: nothing was stored; `unconfirmed`: nobody knows.
   */
  async enqueue<Input, Output>(
    task: Task<Input, Output, unknown, unknown>,
    input: NoInfer<Input>,
    options?: EnqueueOptions,
  ): Promise<RunHandle<Output>> {
    const encoded = this.#encodeInput(task, input);
    const body = encoded instanceof Promise ? await encoded : encoded;
    const prepared = this.#enqueuer.prepare({
      task,
      body,
      options: withKey(task, input, bindIdentity(task, input, options)),
    });
    const call = prepared instanceof Promise ? await prepared : prepared;
    return this.#enqueuer.enqueued<Output>(call, await this.#enqueuer.send(call));
  }

  /**
   * Enqueue a run of a task that is known only by its name. Its input is not checked here; the worker does.
   *
   * @throws as {@link enqueue} does.
   */
  async enqueueByName(name: string, input: unknown, options?: EnqueueOptions): Promise<RunHandle<unknown>> {
    const task = { ...defaultsByName(checkTaskName(name)), inputSchema: undefined };
    const prepared = this.#enqueuer.prepare({ task, body: await this.#encodeInput(task, input), options });
    const call = prepared instanceof Promise ? await prepared : prepared;
    return this.#enqueuer.enqueued<unknown>(call, await this.#enqueuer.send(call));
  }

  /**
   * Enqueue one run for each of `inputs`, as fast as the broker takes them. Every input is checked before the
   * first is sent.
   *
   * @throws as {@link enqueue} does; when the broker refuses part of them, `details.stored` lists the run ids
   * that are enqueued. With `atomic`, all are or none is.
   */
  async enqueueMany<Input, Output>(
    task: Task<Input, Output, unknown, unknown>,
    inputs: Iterable<NoInfer<Input>>,
    options: EnqueueManyOptions = {},
  ): Promise<RunHandle<Output>[]> {
    const { atomic = false, ...rest } = options;
    refuseIdentity(task, rest, "enqueueMany");
    const resolved = resolveEnqueueOptions(rest, this.#parts.now());
    if (resolved.runId !== undefined) {
      throw invalidArgument({
        field: "enqueueMany.runId",
        received: resolved.runId,
        expected: "no runId: every run gets its own",
      });
    }
    const { listed, keys } = keysOfInputs(task, inputs, rest);
    const bodies = await this.#encodeAll(task, listed);
    // Only now is it certain that the task's function can make keys of them.
    return this.#enqueuer.many<Output>({ task, bodies, options: resolved, keys: keys?.(), atomic });
  }

  /**
   * Cancel runs by their ids, wherever they are, workers or none. Ids that nobody knows are counted.
   *
   * @throws UmbelError `invalid_argument`, `permission_denied`, …; the reason of `signal`. What was cancelled until
   * then stays so: calling again goes on.
   */
  cancel(runIds: readonly string[], options: CancelManyOptions = {}): Promise<CancelSummary> {
    return cancelMany(runIds, options, { ...this.#handleDeps, audit: this.#parts.audit });
  }

  /**
   * Cancel all runs that match `filter` when this is called, as {@link cancel} does. Reads the messages of the
   * filter's queue and task once, and the record of each only when a state is asked for.
   *
   * @throws as {@link cancel} does.
   */
  cancelMatching(filter: CancelFilter, options: CancelManyOptions = {}): Promise<CancelSummary> {
    return cancelMatching(filter, options, { ...this.#handleDeps, audit: this.#parts.audit });
  }

  /** A handle on a run by its id, from any process. `Output` is taken on trust. */
  run<Output = unknown>(runId: string): RunHandle<Output> {
    return new RunHandle<Output>(checkRunId(runId), this.#handleDeps);
  }

  /**
   * Enqueue an input that is encoded already, for the worker package: with the lineage and the trace of the
   * handler that enqueues.
   *
   * @throws as {@link enqueue} does.
   */
  async enqueueBody<Output>(request: EnqueueRequest): Promise<RunHandle<Output>> {
    const prepared = this.#enqueuer.prepare(request);
    const call = prepared instanceof Promise ? await prepared : prepared;
    return this.#enqueuer.enqueued<Output>(call, await this.#enqueuer.send(call));
  }

  /**
   * What happens in the mesh: what was told since `since`, then what is told from now on, until `signal` aborts or
   * the loop is left. The events of one process come in its order; those that were lost are counted by one
   * `events.lost`.
   *
   * @throws UmbelError `invalid_argument` at once; `permission_denied`, `not_provisioned`, `connection_closed` from
   * the loop.
   */
  events(options: EventOptions = {}): AsyncGenerator<MeshEvent, void, undefined> {
    return watchEvents(this.#parts.connection, resolveEventOptions(options, this.#parts.now()));
  }

  /** Close the connection. Results that are still awaited are refused. */
  async close(): Promise<void> {
    await this.#parts.events?.close();
    this.#parts.inbox[Symbol.dispose]();
    this.#parts.lanes[Symbol.dispose]();
    this.#parts.publisher[Symbol.dispose]();
    await this.#parts.connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #encodeAll(task: InputTask, inputs: Iterable<unknown>): Promise<Uint8Array[]> {
    const bodies: Uint8Array[] = [];
    for (const input of inputs) {
      const body = this.#encodeInput(task, input);
      // Awaiting what is there already would take longer than encoding it.
      bodies.push(body instanceof Promise ? await body : body);
    }
    return bodies;
  }

  #encodeInput(task: InputTask, input: unknown): Uint8Array | Promise<Uint8Array> {
    return encodeInput(task, input, this.#parts.connection.maxPayloadBytes);
  }
}
