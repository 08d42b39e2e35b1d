/** What a look at one thing found. */
export interface Check {
  /** What was looked at: one or two words. */
  readonly name: string;
  /** `skip`: it could not be looked at, which is no verdict. */
  readonly status: "ok" | "warn" | "fail" | "skip";
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** Makes the checks of one name. */
export interface Checker {
  ok(message: string): Check;
  warn(message: string, advice: string): Check;
  fail(message: string, advice: string): Check;
  skip(message: string, advice?: string): Check;
}

/** A maker of checks named `name`. */
export function checker(name: string): Checker {
  return {
    ok: (message) => ({ name, status: "ok", message }),
    warn: (message, advice) => ({ name, status: "warn", message, advice }),
    fail: (message, advice) => ({ name, status: "fail", message, advice }),
    skip: (message, advice) => ({
      name,
      status: "skip",
      message,
      ...(advice === undefined ? {} : { advice }),
    }),
  };
}
