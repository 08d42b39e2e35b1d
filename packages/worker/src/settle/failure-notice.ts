import { createHash } from "node:crypto";
import {
  decode,
  encode,
  parseRunHeader,
  RUN_HEADER,
  type FailureNotice,
  type OutcomeRecord,
  type RunMeta,
  digestId,
} from "@umbel/protocol";
import type { RunDelivery } from "../execute/run.ts";
import { withoutStack } from "./fit-letter.ts";

/** The largest input that a notice repeats, in bytes. */
export const MAX_NOTICE_INPUT_BYTES = 65_536;

/**
 * The id of the run that hears of this outcome: the same for everyone who completes its follow-ups, and another one
 * when the same run id is used, and fails, once more.
 */
export function failureRunId(runId: string, { at, fence, onFailure }: OutcomeRecord): string {
  const text = `${runId}/${at}/${fence}/failure/${onFailure?.task ?? ""}`;
  return digestId(createHash("sha256").update(text).digest());
}

/** What the `onFailure` task of a run is told. Pure. */
export function failureNotice(
  runId: string,
  delivery: Pick<RunDelivery, "header" | "body">,
  outcome: OutcomeRecord,
): FailureNotice {
  const meta = metaOf(delivery);
  const { task, queue, errors, attempt, starts, at, enqueuedAt } = outcome;
  return {
    runId,
    task,
    queue,
    ...whyOf(outcome),
    errors,
    attempts: attempt,
    starts,
    failedAt: at,
    enqueuedAt,
    ...readInput(delivery.body),
    tags: meta?.tags ?? [],
    rootRunId: meta?.rootRunId ?? runId,
  };
}

function whyOf(outcome: OutcomeRecord): Pick<FailureNotice, "state" | "reason" | "detail" | "error"> {
  const { deadLetter, reason: detail, errors } = outcome;
  const error = errors.at(-1)?.error;
  const state = outcome.state === "expired" ? "expired" : "failed";
  return {
    state,
    reason: deadLetter ?? (state === "expired" ? state : "discarded"),
    ...(detail === undefined ? {} : { detail }),
    ...(error === undefined ? {} : { error }),
  };
}

/** `notice` encoded within `limitBytes`: with less and less of its errors and its input. Pure. */
export function fitNotice(notice: FailureNotice, limitBytes: number): Uint8Array {
  for (const smaller of reductions(notice)) {
    const bytes = tryEncode(smaller);
    if (bytes !== undefined && bytes.byteLength <= limitBytes) return bytes;
  }
  const { error: _, ...rest } = withoutInput(notice);
  return encode({ ...rest, errors: [], tags: [] }, "failure notice");
}

function* reductions(notice: FailureNotice): Generator<FailureNotice> {
  yield notice;
  yield { ...notice, errors: notice.errors.map(withoutStack) };
  const short = withoutInput(notice);
  yield { ...short, errors: short.errors.map(withoutStack) };
  yield { ...short, errors: short.errors.slice(-1).map(withoutStack) };
}

function withoutInput(notice: FailureNotice): Omit<FailureNotice, "input"> {
  const { input: _, ...rest } = notice;
  return rest;
}

// An input that nests as deep as values may is too deep inside of a notice.
function tryEncode(notice: FailureNotice): Uint8Array | undefined {
  try {
    return encode(notice, "failure notice");
  } catch {
    return undefined;
  }
}

function readInput(body: Uint8Array): { readonly input?: unknown } {
  if (body.byteLength > MAX_NOTICE_INPUT_BYTES) return {};
  try {
    return { input: decode(body, "input") };
  } catch {
    return {};
  }
}

function metaOf(delivery: Pick<RunDelivery, "header">): RunMeta | undefined {
  try {
    return parseRunHeader(delivery.header(RUN_HEADER) ?? "");
  } catch {
    return undefined;
  }
}
