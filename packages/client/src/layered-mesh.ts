import { decode, encode, UmbelError, type Task } from "@umbel/protocol";
import { throughEnqueue, type EnqueueCall, type EnqueueMiddleware } from "./enqueue-middleware.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import type { EnqueueRequest } from "./enqueuer.ts";
import { Mesh, type EnqueueManyOptions, type MeshParts } from "./mesh.ts";
import type { RunHandle } from "./run-handle.ts";

/** A mesh with middleware around its enqueues: without any, a plain {@link Mesh} has none of the cost. */
export class LayeredMesh extends Mesh {
  readonly #layers: readonly EnqueueMiddleware[];

  constructor(parts: MeshParts, layers: readonly EnqueueMiddleware[]) {
    super(parts);
    this.#layers = layers;
  }

  override async enqueue<Input, Output>(
    task: Task<Input, Output, unknown, unknown>,
    input: NoInfer<Input>,
    options: EnqueueOptions = {},
  ): Promise<RunHandle<Output>> {
    const perform = async (call: EnqueueCall): Promise<readonly RunHandle<Output>[]> => [
      await super.enqueue(task, trust(input, call.inputs[0]), call.options),
    ];
    return only(await throughEnqueue(this.#layers, callOf(task.name, [input], { options }), perform));
  }

  override async enqueueByName(
    name: string,
    input: unknown,
    options: EnqueueOptions = {},
  ): Promise<RunHandle<unknown>> {
    const perform = async (call: EnqueueCall): Promise<readonly RunHandle<unknown>[]> => [
      await super.enqueueByName(name, call.inputs[0], call.options),
    ];
    return only(await throughEnqueue(this.#layers, callOf(name, [input], { options }), perform));
  }

  override async enqueueMany<Input, Output>(
    task: Task<Input, Output, unknown, unknown>,
    inputs: Iterable<NoInfer<Input>>,
    options: EnqueueManyOptions = {},
  ): Promise<RunHandle<Output>[]> {
    const { atomic = false, ...rest } = options;
    const all = [...inputs];
    const call = callOf(task.name, all, { options: rest, bulk: true });
    const perform = (changed: EnqueueCall): Promise<readonly RunHandle<Output>[]> =>
      super.enqueueMany(task, trust(all, changed.inputs), { ...changed.options, atomic });
    return [...(await throughEnqueue(this.#layers, call, perform))];
  }

  override async enqueueBody<Output>(request: EnqueueRequest): Promise<RunHandle<Output>> {
    const { task, body, lineage, options = {} } = request;
    const input = decode(body, `input of ${task.name}`);
    const perform = async (call: EnqueueCall): Promise<readonly RunHandle<Output>[]> => {
      const changed = call.inputs[0] === input ? body : encode(call.inputs[0], `input of ${task.name}`);
      // Its id follows from its parent's: no middleware can make a second run of a repeated handler.
      const { runId } = options;
      const kept = runId === undefined ? call.options : { ...call.options, runId };
      return [await super.enqueueBody<Output>({ ...request, body: changed, options: kept })];
    };
    const parentRunId = lineage?.parentRunId;
    return only(
      await throughEnqueue(this.#layers, callOf(task.name, [input], { options, parentRunId }), perform),
    );
  }
}

function callOf(
  task: string,
  inputs: readonly unknown[],
  rest: { options: EnqueueOptions; bulk?: boolean; parentRunId?: string | undefined },
): EnqueueCall {
  return { task, inputs, options: rest.options, bulk: rest.bulk ?? false, parentRunId: rest.parentRunId };
}

// Whatever a middleware makes of an input: the task's schema, if it has one, checks it like any other.
function trust<Input>(given: Input, changed: unknown): Input;
function trust(_given: unknown, changed: unknown): unknown {
  return changed;
}

function only<Output>([handle]: readonly RunHandle<Output>[]): RunHandle<Output> {
  if (handle === undefined) throw new UmbelError("internal", "an enqueue came without a handle");
  return handle;
}
