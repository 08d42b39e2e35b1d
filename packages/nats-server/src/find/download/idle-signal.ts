/** A signal that aborts when nothing has happened for a while. */
export interface IdleSignal extends Disposable {
  readonly signal: AbortSignal;
  /** Something happened: start counting again, from now on for `timeoutMs` milliseconds. */
  touch(timeoutMs: number): void;
}

/** An {@link IdleSignal} that also follows `outer`. Dispose of it to stop the counting. */
export function idleSignal(timeoutMs: number, outer?: AbortSignal): IdleSignal {
  const controller = new AbortController();
  const signal = outer === undefined ? controller.signal : AbortSignal.any([outer, controller.signal]);
  const start = (ms: number): NodeJS.Timeout =>
    setTimeout(() => controller.abort(new Error(`no answer for ${ms / 1000} s`)), ms);
  let timer = start(timeoutMs);
  return {
    signal,
    touch: (ms) => {
      clearTimeout(timer);
      timer = start(ms);
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
