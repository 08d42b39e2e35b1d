/** The user does not want to wait any longer. */
export class Interrupted extends Error {
  override readonly name: string = "Interrupted";
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Do `work` with a signal that aborts with {@link Interrupted} on the first SIGINT or SIGTERM. A second one ends
 * the process, as it does while nothing listens.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    for (const name of SIGNALS) process.removeListener(name, onSignal);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    // Nobody listens any more: the next one does what it does to any process.
    stop();
    controller.abort(new Interrupted(`stopped by ${name}`));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    stop();
  }
}

/** Rejects with the reason of `signal` once that aborts. */
export function abortion(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return promise;
}
