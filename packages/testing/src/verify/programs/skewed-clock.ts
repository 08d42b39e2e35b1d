/** The environment variable that says how wrong the clock of a process is, in milliseconds. */
export const SKEW_VARIABLE = "UMBEL_VERIFY_CLOCK_SKEW_MS";

const TrueDate = Date;

/** The machine's clock, in a process that believes another one. */
export const trueNow: () => number = TrueDate.now.bind(TrueDate);

/** From now on, `Date` is wrong by `skewMs` in this thread. */
export function skewClock(skewMs: number): void {
  class SkewedDate extends TrueDate {
    constructor(...parts: readonly unknown[]) {
      if (parts.length === 0) super(SkewedDate.now());
      else super(...readonlyParts(parts));
    }

    static override now(): number {
      return trueNow() + skewMs;
    }
  }
  Reflect.set(globalThis, "Date", SkewedDate);
}

// Any arguments that Date takes.
function readonlyParts(parts: readonly unknown[]): [number] {
  const made: unknown = Reflect.construct(TrueDate, [...parts]);
  return [made instanceof TrueDate ? made.getTime() : Number.NaN];
}
