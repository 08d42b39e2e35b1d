import type { BrokerConnection, Publisher, RunRecords } from "@umbel/broker";
import {
  checkRunId,
  checkTaskName,
  encode,
  invalidArgument,
  UmbelError,
  validate,
  withKey,
  type RunIdSource,
  type AnyTask,
  type Task,
} from "@umbel/protocol";
import { injectTrace, startEnqueueSpan, type EnqueueSpan } from "@umbel/telemetry";
import type { Context } from "@opentelemetry/api";
import { publishMany } from "./enqueue-many.ts";
import { resolveEnqueueOptions, type EnqueueOptions, type ResolvedEnqueue } from "./enqueue-options.ts";
import { placeOf, planBulk, type BulkPlans } from "./plan-bulk.ts";
import { defaultsByName, planRun, type Lineage, type TaskDefaults } from "./plan-run.ts";
import type { LaneDirectory } from "./queues/lane-directory.ts";
import type { Queues } from "./queues/queues.ts";
import { publishRun, publishRunBatch, type Published } from "./publish-run.ts";
import type { Receipt } from "./receipt.ts";
import type { ResultInbox } from "./result-inbox.ts";
import { RunHandle, type HandleDeps } from "./run-handle.ts";
import { keysOfInputs, type KeyPlace } from "./run-key.ts";
import type { RunPlan } from "./run-plan.ts";

/** What a {@link Mesh} is made of. */
export interface MeshParts {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly records: RunRecords;
  readonly inbox: ResultInbox;
  readonly lanes: LaneDirectory;
  readonly queues: Queues;
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
  /** Pauses, resumes and configures queues. */
  readonly queues: Queues;
  readonly #parts: MeshParts;
  readonly #handleDeps: HandleDeps;

  constructor(parts: MeshParts) {
    this.name = parts.connection.mesh;
    this.queues = parts.queues;
    this.#parts = parts;
    const { connection, records, inbox, now } = parts;
    this.#handleDeps = { connection, records, inbox, now };
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
    const body = await this.#encodeInput(task, input);
    return this.enqueueBody<Output>({ task, body, options: withKey(task, input, options) });
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
    const { listed, keys } = keysOfInputs(task, inputs, rest);
    const bodies = await this.#encodeAll(task, listed);
    // Only now is it certain that the task's function can make keys of them.
    const keyed = keys?.();
    const span = startEnqueueSpan({
      task: task.name,
      queue: resolved.queue ?? task.queue,
      bodyBytes: sum(bodies),
      batchSize: bodies.length,
    });
    return traced(span, async () => {
      const plan = (place: KeyPlace | undefined): RunPlan =>
        this.#plan(task, resolved, { span, lineage: undefined, parent: undefined, place });
      const queue = resolved.queue ?? task.queue;
      const { lanes } = this.#parts;
      const planned = await planBulk({ queue, key: resolved.key, keys: keyed, lanes, plan });
      return atomic
        ? this.#publishAtomic<Output>(planned, bodies)
        : this.#publishMany<Output>(planned, bodies);
    });
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
    const runId = options.runId ?? this.#parts.ids.next();
    return traced(span, async () => {
      const place = await placeOf(this.#parts.lanes, queue, options.key);
      const plan = this.#plan(task, options, { span, lineage, parent, place });
      return this.#handle<Output>(runId, await publishRun({ plan, runId, body }, this.#parts));
    });
  }

  /** Close the connection. Results that are still awaited are refused. */
  async close(): Promise<void> {
    this.#parts.inbox[Symbol.dispose]();
    this.#parts.lanes[Symbol.dispose]();
    this.#parts.publisher[Symbol.dispose]();
    await this.#parts.connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #plan(task: TaskDefaults, options: ResolvedEnqueue, circumstances: Circumstances): RunPlan {
    const { span, lineage, parent, place } = circumstances;
    return planRun(task, options, {
      mesh: this.name,
      now: this.#parts.now(),
      origin: this.#parts.ids.origin,
      trace: span?.headers() ?? injectTrace(parent),
      lineage,
      place,
    });
  }

  #handle<Output>(runId: string, { sequence, existed }: Published): RunHandle<Output> {
    const { storage, replicas, survives } = this.#parts.durability;
    return new RunHandle<Output>(runId, this.#handleDeps, { sequence, storage, replicas, survives, existed });
  }

  async #publishMany<Output>(
    planned: BulkPlans,
    bodies: readonly Uint8Array[],
  ): Promise<RunHandle<Output>[]> {
    const runIds = bodies.map(() => this.#parts.ids.next());
    const sequences = await publishMany({ ...planned, runIds, bodies }, this.#parts.publisher);
    return runIds.map((runId, index) =>
      this.#handle<Output>(runId, { sequence: sequences[index], existed: false }),
    );
  }

  async #publishAtomic<Output>(
    { plan, plans }: BulkPlans,
    bodies: readonly Uint8Array[],
  ): Promise<RunHandle<Output>[]> {
    const runs = bodies.map((body, index) => ({
      plan: plans?.[index] ?? plan,
      runId: this.#parts.ids.next(),
      body,
    }));
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
    const body = encode(input, `input of ${task}`);
    const limit = this.#parts.connection.maxPayloadBytes - HEADER_ALLOWANCE_BYTES;
    if (body.byteLength <= limit) return body;
    throw new UmbelError(
      "payload_too_large",
      `input of ${task} is ${body.byteLength} bytes; the server takes at most ${limit}. ` +
        "Store it elsewhere and enqueue where it is, or raise the server's max_payload.",
      { details: { field: "input", bytes: body.byteLength, limit } },
    );
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
  readonly place: KeyPlace | undefined;
}

type InputTask = TaskDefaults & Pick<AnyTask, "inputSchema">;

/** Room in the largest message for a run's headers, and for what its dead letter says besides the input. */
const HEADER_ALLOWANCE_BYTES = 49_152;

function checkInput(task: InputTask, input: unknown): unknown {
  return task.inputSchema === undefined
    ? undefined
    : validate(task.inputSchema, input, `input of ${task.name}`);
}

async function traced<T>(span: EnqueueSpan | undefined, work: () => Promise<T>): Promise<T> {
  if (span === undefined) return work();
  try {
    const value = await work();
    span.end();
    return value;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

function sum(bodies: readonly Uint8Array[]): number {
  return bodies.reduce((total, body) => total + body.byteLength, 0);
}
