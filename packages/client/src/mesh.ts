import type { BrokerConnection, Publisher, RunRecords } from "@umbel/broker";
import {
  checkRunId,
  checkTaskName,
  invalidArgument,
  validate,
  type RunIdSource,
  type AnyTask,
  type Task,
} from "@umbel/protocol";
import { injectTrace, startEnqueueSpan, type EnqueueSpan } from "@umbel/telemetry";
import type { Context } from "@opentelemetry/api";
import { DeadLetters } from "./dead-letters/dead-letters.ts";
import { encodeInput } from "./encode-input.ts";
import { publishMany } from "./enqueue-many.ts";
import { resolveEnqueueOptions, type EnqueueOptions, type ResolvedEnqueue } from "./enqueue-options.ts";
import { defaultsByName, planRun, type Lineage, type TaskDefaults } from "./plan-run.ts";
import { publishRun, publishRunBatch, type Published } from "./publish-run.ts";
import type { Receipt } from "./receipt.ts";
import type { ResultInbox } from "./result-inbox.ts";
import { RunHandle, type HandleDeps } from "./run-handle.ts";
import type { RunPlan } from "./run-plan.ts";
import {
  cancelMany,
  cancelMatching,
  type CancelFilter,
  type CancelManyOptions,
  type CancelSummary,
} from "./runs/cancel-many.ts";
import { Runs } from "./runs/runs.ts";
import { traced } from "./traced.ts";

/** What a {@link Mesh} is made of. */
export interface MeshParts {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly records: RunRecords;
  readonly inbox: ResultInbox;
  readonly ids: RunIdSource;
  readonly durability: Omit<Receipt, "sequence" | "existed">;
  readonly now: () => number;
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
  readonly #parts: MeshParts;
  readonly #handleDeps: HandleDeps;

  constructor(parts: MeshParts) {
    this.name = parts.connection.mesh;
    this.#parts = parts;
    const { connection, records, inbox, now } = parts;
    this.#handleDeps = { connection, records, inbox, now };
    this.runs = new Runs({ connection, now });
    const { publisher, ids } = parts;
    const handle = (runId: string, published: Published): RunHandle<unknown> =>
      this.#handle(runId, published);
    this.deadLetters = new DeadLetters({
      connection,
      publisher,
      records,
      origin: ids.origin,
      now,
      handle,
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
    return this.enqueueBody<Output>({ task, body: await this.#encodeInput(task, input), options });
  }

  /**
   * Enqueue a run of a task that is known only by its name. Its input is not checked here; the worker does.
   *
   * @throws as {@link enqueue} does.
   */
  async enqueueByName(name: string, input: unknown, options?: EnqueueOptions): Promise<RunHandle<unknown>> {
    const task = { ...defaultsByName(checkTaskName(name)), inputSchema: undefined };
    return this.enqueueBody<unknown>({ task, body: await this.#encodeInput(task, input), options });
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
    const resolved = resolveEnqueueOptions(rest, this.#parts.now());
    if (resolved.runId !== undefined) {
      throw invalidArgument({
        field: "enqueueMany.runId",
        received: resolved.runId,
        expected: "no runId: every run gets its own",
      });
    }
    const bodies = await this.#encodeAll(task, inputs);
    const span = startEnqueueSpan({
      task: task.name,
      queue: resolved.queue ?? task.queue,
      bodyBytes: sum(bodies),
      batchSize: bodies.length,
    });
    const plan = this.#plan(task, resolved, { span, lineage: undefined, parent: undefined });
    return traced(span, () =>
      atomic ? this.#publishAtomic<Output>(plan, bodies) : this.#publishMany<Output>(plan, bodies),
    );
  }

  /**
   * Cancel runs by their ids, wherever they are, workers or none. Ids that nobody knows are counted.
   *
   * @throws UmbelError `invalid_argument`, `permission_denied`, …; the reason of `signal`. What was cancelled until
   * then stays so: calling again goes on.
   */
  cancel(runIds: readonly string[], options: CancelManyOptions = {}): Promise<CancelSummary> {
    return cancelMany(runIds, options, this.#handleDeps);
  }

  /**
   * Cancel all runs that match `filter` when this is called, as {@link cancel} does. Reads the messages of the
   * filter's queue and task once, and the record of each only when a state is asked for.
   *
   * @throws as {@link cancel} does.
   */
  cancelMatching(filter: CancelFilter, options: CancelManyOptions = {}): Promise<CancelSummary> {
    return cancelMatching(filter, options, this.#handleDeps);
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
    const { task, body, parent, lineage } = request;
    const options = resolveEnqueueOptions(request.options, this.#parts.now());
    const queue = options.queue ?? task.queue;
    const span = startEnqueueSpan({
      task: task.name,
      queue,
      bodyBytes: body.byteLength,
      ...(parent === undefined ? {} : { parent }),
    });
    const plan = this.#plan(task, options, { span, lineage, parent });
    const runId = options.runId ?? this.#parts.ids.next();
    return traced(span, async () =>
      this.#handle<Output>(runId, await publishRun({ plan, runId, body }, this.#parts)),
    );
  }

  /** Close the connection. Results that are still awaited are refused. */
  async close(): Promise<void> {
    this.#parts.inbox[Symbol.dispose]();
    this.#parts.publisher[Symbol.dispose]();
    await this.#parts.connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #plan(task: TaskDefaults, options: ResolvedEnqueue, circumstances: Circumstances): RunPlan {
    const { span, lineage, parent } = circumstances;
    return planRun(task, options, {
      mesh: this.name,
      now: this.#parts.now(),
      origin: this.#parts.ids.origin,
      trace: span?.headers() ?? injectTrace(parent),
      lineage,
    });
  }

  #handle<Output>(runId: string, { sequence, existed }: Published): RunHandle<Output> {
    const { storage, replicas, survives } = this.#parts.durability;
    return new RunHandle<Output>(runId, this.#handleDeps, { sequence, storage, replicas, survives, existed });
  }

  async #publishMany<Output>(plan: RunPlan, bodies: readonly Uint8Array[]): Promise<RunHandle<Output>[]> {
    const runIds = bodies.map(() => this.#parts.ids.next());
    const sequences = await publishMany({ plan, runIds, bodies }, this.#parts.publisher);
    return runIds.map((runId, index) =>
      this.#handle<Output>(runId, { sequence: sequences[index], existed: false }),
    );
  }

  async #publishAtomic<Output>(plan: RunPlan, bodies: readonly Uint8Array[]): Promise<RunHandle<Output>[]> {
    const runs = bodies.map((body) => ({ plan, runId: this.#parts.ids.next(), body }));
    await publishRunBatch(runs, this.#parts.connection);
    return runs.map(({ runId }) => this.#handle<Output>(runId, { sequence: undefined, existed: false }));
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
    const checked = checkInput(task, input);
    if (checked instanceof Promise) return checked.then(() => this.#encode(task.name, input));
    return this.#encode(task.name, input);
  }

  #encode(task: string, input: unknown): Uint8Array {
    return encodeInput(task, input, this.#parts.connection.maxPayloadBytes);
  }
}

/** What {@link Mesh.enqueueBody} takes. */
export interface EnqueueRequest {
  readonly task: TaskDefaults;
  /** The encoded input. */
  readonly body: Uint8Array;
  readonly options?: EnqueueOptions | undefined;
  /** The handler that enqueues. */
  readonly lineage?: Lineage | undefined;
  /** The context whose trace the run belongs to. @default the active one */
  readonly parent?: Context | undefined;
}

interface Circumstances {
  readonly span: EnqueueSpan | undefined;
  readonly lineage: Lineage | undefined;
  readonly parent: Context | undefined;
}

type InputTask = TaskDefaults & Pick<AnyTask, "inputSchema">;

function checkInput(task: InputTask, input: unknown): unknown {
  return task.inputSchema === undefined
    ? undefined
    : validate(task.inputSchema, input, `input of ${task.name}`);
}

function sum(bodies: readonly Uint8Array[]): number {
  return bodies.reduce((total, body) => total + body.byteLength, 0);
}
