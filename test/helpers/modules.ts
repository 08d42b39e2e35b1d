/** The handlers of all test tasks that run on the loop. */
export const LOOP: URL = new URL("loop-handlers.ts", import.meta.url);
/** The handlers of all test tasks that run on threads, of the queue `cpu`. */
export const THREADS: URL = new URL("thread-handlers.ts", import.meta.url);
/** Some handlers of {@link LOOP}, in a worker that stops itself at a point of a run's path. */
export const STOPPING: URL = new URL("stopping-handlers.ts", import.meta.url);
/** The handlers of the failing tasks that run on the loop. */
export const FAILING: URL = new URL("failing-handlers.ts", import.meta.url);
/** The handlers of the failing tasks that run on threads, of the queue `failing-cpu`. */
export const FAILING_THREADS: URL = new URL("failing-thread-handlers.ts", import.meta.url);
/** The handlers of the tasks that hear of failures, of the queue `cleanup`. */
export const CLEANUP: URL = new URL("cleanup-handlers.ts", import.meta.url);
/** The handlers that try the life of a worker: of the queues `stray` and `deadly`, on threads `deadly-cpu` and `life-cpu`. */
export const LIFE: URL = new URL("life-handlers.ts", import.meta.url);
/** The handlers of the tasks whose runs have keys, as a module. */
export const KEYED = new URL("keyed-handlers.ts", import.meta.url);
