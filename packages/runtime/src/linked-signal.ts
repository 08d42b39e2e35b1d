/** An abort controller that also aborts when `parent` does, and can be let go of. */
export interface LinkedController extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/**
 * A controller linked to `parent`. Unlike `AbortSignal.any`, disposing it removes its listener at once,
 * so that a long-lived parent does not gather one listener per run.
 */
export function linkedController(parent: AbortSignal): LinkedController {
  const controller = new AbortController();
  const forward = (): void => controller.abort(parent.reason);
  if (parent.aborted) forward();
  else parent.addEventListener("abort", forward, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => parent.removeEventListener("abort", forward),
  };
}
