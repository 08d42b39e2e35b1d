import { checkFields, invalidArgument, UmbelError } from "@umbel/protocol";
import type { EnqueueOptions } from "./enqueue-options.ts";
import type { RunHandle } from "./run-handle.ts";

/** An enqueue on its way through the middleware. */
export interface EnqueueCall {
  /** The task's name. A changed one is not looked at: a run's task is its enqueuer's choice alone. */
  readonly task: string;
  /** One input for each run: one, or as many as `enqueueMany` was given. What is passed on must be as many. */
  readonly inputs: readonly unknown[];
  /** The options of the call, for all its runs. */
  readonly options: EnqueueOptions;
  /** Whether it is an `enqueueMany`, which passes once as a whole. */
  readonly bulk: boolean;
  /** The run whose handler enqueues, if one does. */
  readonly parentRunId: string | undefined;
}

/** Go on with the enqueue, as it is or changed. Resolves when the broker has stored it. */
export type EnqueueNext = (call?: EnqueueCall) => Promise<readonly RunHandle<unknown>[]>;

/** What stands around every enqueue: see {@link defineMiddleware}. */
export interface EnqueueMiddleware {
  /** Names it in errors. */
  readonly name?: string;
  /**
   * Call `next` once, or throw to refuse: then nothing is enqueued. What it returns is not looked at: the caller
   * gets the handles of the runs that are stored.
   */
  enqueue?(call: EnqueueCall, next: EnqueueNext): Promise<void>;
}

/**
 * Send `call` through `middleware`, the first outermost, and then to `perform`. Resolves to what `perform` gave.
 *
 * @throws whatever a middleware or `perform` throws; UmbelError `invalid_argument` when a middleware neither goes
 * on nor throws, goes on twice, or changes the number of inputs.
 */
export async function throughEnqueue<Output>(
  middleware: readonly EnqueueMiddleware[],
  call: EnqueueCall,
  perform: (call: EnqueueCall) => Promise<readonly RunHandle<Output>[]>,
): Promise<readonly RunHandle<Output>[]> {
  let stored: readonly RunHandle<Output>[] | undefined;
  const step = async (index: number, current: EnqueueCall): Promise<readonly RunHandle<unknown>[]> => {
    const layer = middleware[index];
    if (layer === undefined) return (stored = await perform(current));
    if (layer.enqueue === undefined) return step(index + 1, current);
    let calls = 0;
    await layer.enqueue(current, (changed = current) => {
      if (++calls > 1) return Promise.reject(wrong(layer, "called next twice"));
      if (changed.inputs.length !== call.inputs.length) {
        return Promise.reject(wrong(layer, "changed the number of inputs"));
      }
      return step(index + 1, { ...call, inputs: changed.inputs, options: changed.options });
    });
    if (stored === undefined) throw wrong(layer, "ended without waiting for next, and did not throw");
    return stored;
  };
  await step(0, call);
  return stored ?? [];
}

function wrong({ name }: EnqueueMiddleware, what: string): UmbelError {
  return new UmbelError("invalid_argument", `the middleware ${name ?? "without a name"} ${what}.`, {
    details: { field: "middleware", middleware: name },
  });
}

/** `middleware`, checked. For one that stands around executions too, see `@umbel/worker`. @throws UmbelError `invalid_argument` */
export function defineMiddleware(middleware: EnqueueMiddleware): EnqueueMiddleware {
  checkFields(middleware, "middleware", ["name", "enqueue"]);
  enqueueLayers([middleware]);
  return middleware;
}

/** Those of `middleware` that stand around an enqueue. @throws UmbelError `invalid_argument` unless it is a list of them */
export function enqueueLayers(middleware: unknown): readonly EnqueueMiddleware[] {
  const isLayer = (value: unknown): value is EnqueueMiddleware =>
    typeof value === "object" &&
    value !== null &&
    ["enqueue", "execute"].every((hook) => isHook(value, hook));
  if (Array.isArray(middleware) && middleware.every(isLayer)) {
    return middleware.filter(({ enqueue }) => enqueue !== undefined);
  }
  throw invalidArgument({
    field: "middleware",
    received: middleware,
    expected: "a list of what defineMiddleware({ enqueue, execute }) returns",
  });
}

function isHook(value: object, hook: string): boolean {
  const found: unknown = Reflect.get(value, hook);
  return found === undefined || typeof found === "function";
}
