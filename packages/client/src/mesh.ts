import type { BrokerConnection, Publisher, RunLocks, RunRecords } from "@umbel/broker";
import {
  bindIdentity,
  checkRunId,
  checkTaskName,
  invalidArgument,
  type MeshEvent,
  type RunIdSource,
  type Task,
} from "@umbel/protocol";
import { injectTrace, NO_TRACE, startEnqueueSpan, type EnqueueSpan } from "@umbel/telemetry";
import type { Context } from "@opentelemetry/api";
import { encodeInput, type InputTask } from "./encode-input.ts";
import { enqueueHeld } from "./enqueue-held.ts";
import { publishMany } from "./enqueue-many.ts";
import {
  NO_OPTIONS,
  resolveEnqueueOptions,
  type EnqueueOptions,
  type ResolvedEnqueue,
} from "./enqueue-options.ts";
import { holdOf, refuseIdentity, type Hold } from "./hold.ts";
import { defaultsByName, planRun, type Lineage, type TaskDefaults } from "./plan-run.ts";
import { publishRun, publishRunBatch } from "./publish-run.ts";
import type { Receipt } from "./receipt.ts";
import { RecentPlan } from "./recent-plan.ts";
import type { ResultInbox } from "./result-inbox.ts";
import { RunHandle, type HandleDeps } from "./run-handle.ts";
import type { RunPlan } from "./run-plan.ts";
import type { OutgoingRun, Published } from "./taken-id.ts";
import { tellEnqueued, tellEnqueuedMany, type EventRecorder } from "./tell-events.ts";
import { resolveEventOptions, watchEvents, type EventOptions } from "./watch-events.ts";

/** What a {@link Mesh} is made of. */
export interface MeshParts {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly records: RunRecords;
  readonly locks: RunLocks;
  readonly inbox: ResultInbox;
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
  readonly #parts: MeshParts;
  readonly #handleDeps: HandleDeps;
  readonly #recent = new RecentPlan();

  constructor(parts: MeshParts) {
    this.name = parts.connection.mesh;
    this.#parts = parts;
    const { connection, publisher, records, locks, inbox, now, events } = parts;
    this.#handleDeps = { connection, publisher, records, locks, inbox, now, events };
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
    const outgoing = this.#prepare({ task, body, options: bindIdentity(task, input, options) });
    return this.#enqueued<Output>(outgoing, await this.#send(outgoing));
  }

  /**
   * Enqueue a run of a task that is known only by its name. Its input is not checked here; the worker does.
   *
   * @throws as {@link enqueue} does.
   */
  async enqueueByName(name: string, input: unknown, options?: EnqueueOptions): Promise<RunHandle<unknown>> {
    const task = { ...defaultsByName(checkTaskName(name)), inputSchema: undefined };
    const outgoing = this.#prepare({ task, body: await this.#encodeInput(task, input), options });
    return this.#enqueued<unknown>(outgoing, await this.#send(outgoing));
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
    const outgoing = this.#prepare(request);
    return this.#enqueued<Output>(outgoing, await this.#send(outgoing));
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
    this.#parts.publisher[Symbol.dispose]();
    await this.#parts.connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #prepare({ task, body, parent, lineage, options: given }: EnqueueRequest): OutgoingCall {
    const options = resolveEnqueueOptions(given, this.#parts.now());
    const queue = options.queue ?? task.queue;
    const span = startEnqueueSpan({
      task: task.name,
      queue,
      bodyBytes: body.byteLength,
      ...(parent === undefined ? {} : { parent }),
    });
    const hold = holdOf(task.name, options.identity, body);
    const plan = this.#plan(task, options, { span, lineage, parent, hold });
    return { plan, runId: options.runId ?? this.#parts.ids.next(), body, span, hold };
  }

  #send(outgoing: OutgoingCall): Promise<Sent> {
    const { span, hold } = outgoing;
    if (span === undefined && hold === undefined) return publishRun(outgoing, this.#parts);
    return traced(span, () =>
      hold === undefined ? publishRun(outgoing, this.#parts) : enqueueHeld(outgoing, hold, this.#parts),
    );
  }

  #enqueued<Output>({ plan, runId: ownId }: OutgoingCall, sent: Sent): RunHandle<Output> {
    const { runId = ownId } = sent;
    if (!sent.existed) tellEnqueued(this.#parts.events, plan, runId);
    return this.#handle<Output>(runId, sent);
  }

  #plan(task: TaskDefaults, options: ResolvedEnqueue, circumstances: Circumstances): RunPlan {
    const { span, lineage, parent, hold } = circumstances;
    const trace = span?.headers() ?? injectTrace(parent);
    const { name: mesh } = this;
    const facts = { mesh, now: this.#parts.now(), origin: this.#parts.ids.origin, trace, lineage, hold };
    const plain = options === NO_OPTIONS && lineage === undefined && trace === NO_TRACE;
    return plain ? this.#recent.take(task, facts) : planRun(task, options, facts);
  }

  #handle<Output>(runId: string, { sequence, existed }: Published): RunHandle<Output> {
    const { storage, replicas, survives } = this.#parts.durability;
    return new RunHandle<Output>(runId, this.#handleDeps, { sequence, storage, replicas, survives, existed });
  }

  async #publishMany<Output>(plan: RunPlan, bodies: readonly Uint8Array[]): Promise<RunHandle<Output>[]> {
    const runIds = bodies.map(() => this.#parts.ids.next());
    const sequences = await publishMany({ plan, runIds, bodies }, this.#parts.publisher);
    tellEnqueuedMany(this.#parts.events, plan, runIds);
    return runIds.map((runId, index) =>
      this.#handle<Output>(runId, { sequence: sequences[index], existed: false }),
    );
  }

  async #publishAtomic<Output>(plan: RunPlan, bodies: readonly Uint8Array[]): Promise<RunHandle<Output>[]> {
    const runs = bodies.map((body) => ({ plan, runId: this.#parts.ids.next(), body }));
    await publishRunBatch(runs, this.#parts.connection);
    const runIds = runs.map(({ runId }) => runId);
    tellEnqueuedMany(this.#parts.events, plan, runIds);
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

/** A run on its way, with what only the call knows of it. */
interface OutgoingCall extends OutgoingRun {
  readonly span: EnqueueSpan | undefined;
  readonly hold: Hold | undefined;
}

/** Where the run is; under an id of its own, when another run has its key. */
interface Sent extends Published {
  readonly runId?: string;
}

interface Circumstances {
  readonly span: EnqueueSpan | undefined;
  readonly lineage: Lineage | undefined;
  readonly parent: Context | undefined;
  readonly hold?: Hold | undefined;
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
