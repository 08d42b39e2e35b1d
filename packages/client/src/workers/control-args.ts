import {
  checkFields,
  checkTaskName,
  checkWholeNumber,
  invalidArgument,
  parsePositiveDuration,
  parseRate,
  type Duration,
  type Rate,
  type RequestArgs,
} from "@umbel/protocol";

const LONGEST_BY = 200;

/** @throws UmbelError `invalid_argument` */
export function checkSizes(sizes: { readonly concurrency?: number; readonly threads?: number }): RequestArgs {
  checkFields(sizes, "resize", ["concurrency", "threads"]);
  const { concurrency, threads } = sizes;
  if (concurrency === undefined && threads === undefined) {
    throw invalidArgument({ field: "resize", received: sizes, expected: "concurrency, threads or both" });
  }
  return {
    ...(concurrency === undefined
      ? {}
      : { concurrency: checkWholeNumber(concurrency, "concurrency", { least: 1, most: 10_000 }) }),
    ...(threads === undefined
      ? {}
      : { threads: checkWholeNumber(threads, "threads", { least: 1, most: 1_024 }) }),
  };
}

/** @throws UmbelError `invalid_argument` */
export function checkRateLimit(task: string, rate: Rate | "none"): RequestArgs {
  if (rate !== "none") parseRate(rate);
  return { task: checkTaskName(task), rate: rate === "none" ? null : rate };
}

/** @throws UmbelError `invalid_argument` */
export function checkTimeLimit(task: string, timeout: Duration | "none"): RequestArgs {
  const timeoutMs = timeout === "none" ? null : parsePositiveDuration(timeout, "timeout");
  return { task: checkTaskName(task), timeout: timeoutMs };
}

/** @throws UmbelError `invalid_argument` */
export function checkBy(value: unknown, field = "by"): string {
  if (typeof value === "string" && value !== "" && value.length <= LONGEST_BY) return value;
  throw invalidArgument({ field, received: value, expected: `text of 1 to ${LONGEST_BY} characters` });
}
