/** The handlers of all test tasks that run on the loop. */
export const LOOP: URL = new URL("loop-handlers.ts", import.meta.url);
/** The handlers of all test tasks that run on threads, of the queue `cpu`. */
export const THREADS: URL = new URL("thread-handlers.ts", import.meta.url);
/** Some handlers of {@link LOOP}, in a worker that stops itself at a point of a run's path. */
export const STOPPING: URL = new URL("stopping-handlers.ts", import.meta.url);
