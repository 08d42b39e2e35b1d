/** The handlers of all test tasks that run on the loop. */
export const LOOP: URL = new URL("loop-handlers.ts", import.meta.url);
/** The handlers of all test tasks that run on threads, of the queue `cpu`. */
export const THREADS: URL = new URL("thread-handlers.ts", import.meta.url);
/** The handlers of the tasks whose runs have keys, as a module. */
export const KEYED = new URL("keyed-handlers.ts", import.meta.url);
