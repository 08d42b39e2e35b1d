import type { Context } from "@opentelemetry/api";
import { injectTrace, NO_TRACE, startEnqueueSpan, type EnqueueSpan } from "@umbel/telemetry";
import { enqueueHeld } from "./enqueue-held.ts";
import { publishMany } from "./enqueue-many.ts";
import {
  NO_OPTIONS,
  resolveEnqueueOptions,
  type EnqueueOptions,
  type ResolvedEnqueue,
} from "./enqueue-options.ts";
import { holdOf, type Hold } from "./hold.ts";
import type { MeshParts } from "./mesh.ts";
import { placeOf, planBulk } from "./plan-bulk.ts";
import { planRun, type Lineage, type TaskDefaults } from "./plan-run.ts";
import { publishRun, publishRunBatch } from "./publish-run.ts";
import { RecentPlan } from "./recent-plan.ts";
import { RunHandle, type HandleDeps } from "./run-handle.ts";
import type { KeyPlace } from "./run-key.ts";
import type { RunPlan } from "./run-plan.ts";
import type { OutgoingRun, Published } from "./taken-id.ts";
import { EnqueueTeller, tellEnqueuedMany } from "./tell-events.ts";
import { traced } from "./traced.ts";

/** An enqueue whose input is encoded already. */
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

/** Many enqueues of one task, with the same options. */
export interface BulkRequest {
  readonly task: TaskDefaults;
  readonly bodies: readonly Uint8Array[];
  readonly options: ResolvedEnqueue;
  /** The key of each, if they have their own. */
  readonly keys: readonly string[] | undefined;
  readonly atomic: boolean;
}

/** A run on its way, with what only the call knows of it. */
export interface OutgoingCall extends OutgoingRun {
  readonly span: EnqueueSpan | undefined;
  readonly hold: Hold | undefined;
}

/** Where the run is; under an id of its own, when another run has its key. */
export interface Sent extends Published {
  readonly runId?: string;
}

interface Circumstances {
  readonly span: EnqueueSpan | undefined;
  readonly lineage: Lineage | undefined;
  readonly parent: Context | undefined;
  readonly hold?: Hold | undefined;
  readonly place?: KeyPlace | undefined;
}

/** From encoded inputs to handles on stored runs. In steps, since every promise in between costs. */
export class Enqueuer {
  readonly #parts: MeshParts;
  readonly #handleDeps: HandleDeps;
  readonly #recent = new RecentPlan();
  readonly #teller: EnqueueTeller;

  constructor(parts: MeshParts, handleDeps: HandleDeps) {
    this.#parts = parts;
    this.#handleDeps = handleDeps;
    this.#teller = new EnqueueTeller(parts.events);
  }

  /** Decide all about a run; for one with a key, the broker may have to be asked. @throws UmbelError */
  prepare(request: EnqueueRequest): OutgoingCall | Promise<OutgoingCall> {
    const { task, body, parent, options: given } = request;
    const options = resolveEnqueueOptions(given, this.#parts.now());
    const queue = options.queue ?? task.queue;
    const span = startEnqueueSpan({
      task: task.name,
      queue,
      bodyBytes: body.byteLength,
      ...(parent === undefined ? {} : { parent }),
    });
    const hold = holdOf(task.name, options.identity, body);
    const circumstances = { span, lineage: request.lineage, parent, hold };
    if (options.key !== undefined) return this.#prepareKeyed(request, options, circumstances);
    return this.#outgoing(request, options, circumstances);
  }

  /** Publish it. @throws UmbelError why it is not stored; `unconfirmed` when nobody knows */
  send(call: OutgoingCall): Promise<Sent> {
    const { span, hold } = call;
    if (span === undefined && hold === undefined) return publishRun(call, this.#parts);
    return traced(span, () =>
      hold === undefined ? publishRun(call, this.#parts) : enqueueHeld(call, hold, this.#parts),
    );
  }

  /** It is stored: tell so, and hand it out. */
  enqueued<Output>({ plan, runId: ownId }: OutgoingCall, sent: Sent): RunHandle<Output> {
    const { runId = ownId } = sent;
    if (!sent.existed) this.#teller.tell(plan, runId);
    return this.handle<Output>(runId, sent);
  }

  /** Enqueue many. @throws UmbelError of the first refusal */
  async many<Output>({ task, bodies, options, keys, atomic }: BulkRequest): Promise<RunHandle<Output>[]> {
    const span = startEnqueueSpan({
      task: task.name,
      queue: options.queue ?? task.queue,
      bodyBytes: sum(bodies),
      batchSize: bodies.length,
    });
    const runIds = bodies.map(() => this.#parts.ids.next());
    const sequences = await traced(span, async () => {
      const planned = await planBulk({
        queue: options.queue ?? task.queue,
        key: options.key,
        keys,
        lanes: this.#parts.lanes,
        plan: (place) => this.#plan(task, options, { span, lineage: undefined, parent: undefined, place }),
      });
      const stored = await this.#publishAll({ ...planned, runIds, bodies }, atomic);
      tellEnqueuedMany(this.#parts.events, planned.plan, runIds);
      return stored;
    });
    return runIds.map((runId, index) =>
      this.handle<Output>(runId, { sequence: sequences[index], existed: false }),
    );
  }

  /** A handle on a run that was just enqueued. */
  handle<Output>(runId: string, { sequence, existed }: Published): RunHandle<Output> {
    const { storage, replicas, survives } = this.#parts.durability;
    return new RunHandle<Output>(runId, this.#handleDeps, { sequence, storage, replicas, survives, existed });
  }

  #outgoing(
    { task, body }: EnqueueRequest,
    options: ResolvedEnqueue,
    circumstances: Circumstances,
  ): OutgoingCall {
    const plan = this.#plan(task, options, circumstances);
    const { span, hold } = circumstances;
    return { plan, runId: options.runId ?? this.#parts.ids.next(), body, span, hold };
  }

  async #prepareKeyed(
    request: EnqueueRequest,
    options: ResolvedEnqueue,
    circumstances: Circumstances,
  ): Promise<OutgoingCall> {
    try {
      const place = await placeOf(this.#parts.lanes, options.queue ?? request.task.queue, options.key);
      return this.#outgoing(request, options, { ...circumstances, place });
    } catch (error) {
      circumstances.span?.end(error);
      throw error;
    }
  }

  async #publishAll(runs: Bulk, atomic: boolean): Promise<readonly (number | undefined)[]> {
    if (!atomic) return publishMany(runs, this.#parts.publisher);
    const { plan, plans, runIds, bodies } = runs;
    const outgoing = bodies.map((body, index) => ({
      plan: plans?.[index] ?? plan,
      runId: runIds[index] ?? "",
      body,
    }));
    await publishRunBatch(outgoing, this.#parts.connection);
    return [];
  }

  #plan(task: TaskDefaults, options: ResolvedEnqueue, circumstances: Circumstances): RunPlan {
    const { span, lineage, parent, hold, place } = circumstances;
    const trace = span?.headers() ?? injectTrace(parent);
    const { mesh } = this.#parts.connection;
    const facts = {
      mesh,
      now: this.#parts.now(),
      origin: this.#parts.ids.origin,
      trace,
      lineage,
      hold,
      place,
    };
    const plain = options === NO_OPTIONS && lineage === undefined && trace === NO_TRACE;
    return plain ? this.#recent.take(task, facts) : planRun(task, options, facts);
  }
}

type Bulk = Parameters<typeof publishMany>[0];

function sum(bodies: readonly Uint8Array[]): number {
  return bodies.reduce((total, body) => total + body.byteLength, 0);
}
