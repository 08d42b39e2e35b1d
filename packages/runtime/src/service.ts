/**
 * Something that runs until it is stopped. `start` and `stop` may be called any number of times and in
 * any order: a second call waits for the first, `stop` before `start` is fine, and `stop` resolves when
 * everything has really ended.
 */
export interface Service extends AsyncDisposable {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What a {@link Service} does when it really starts and stops. */
export interface ServiceHooks {
  start(): void | Promise<void>;
  stop(): void | Promise<void>;
}

/** A {@link Service} around two functions, each called at most once and never at the same time. */
export function createService(hooks: ServiceHooks): Service {
  let starting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;
  const start = (): Promise<void> => {
    starting ??= stopping === undefined ? Promise.resolve().then(() => hooks.start()) : Promise.resolve();
    return starting;
  };
  const stop = (): Promise<void> => {
    stopping ??= stopAfter(starting, hooks);
    return stopping;
  };
  return { start, stop, [Symbol.asyncDispose]: stop };
}

async function stopAfter(starting: Promise<void> | undefined, hooks: ServiceHooks): Promise<void> {
  if (starting === undefined) return;
  // A failed start is the starter's to report; what it opened before failing must still be closed.
  await starting.catch(() => undefined);
  await hooks.stop();
}
