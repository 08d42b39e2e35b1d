/** The handlers of all test tasks that run on the loop. */
export const LOOP: URL = new URL("loop-handlers.ts", import.meta.url);
/** The handlers of all test tasks that run on threads, of the queue `cpu`. */
export const THREADS: URL = new URL("thread-handlers.ts", import.meta.url);
/** The handlers that try the life of a worker: of the queues `stray` and `deadly`, on threads `deadly-cpu` and `life-cpu`. */
export const LIFE: URL = new URL("life-handlers.ts", import.meta.url);
