import type { DeadLetterDetails, DeadLetterGroup, DeadLetterInfo } from "@umbel/client";
import { defined } from "../input/defined.ts";
import { isoTime } from "./time.ts";

/** A dead letter for programs: times in ISO 8601. */
export function letterJson({ at, enqueuedAt, ...letter }: DeadLetterInfo): object {
  return { ...letter, ...defined({ at: isoTime(at), enqueuedAt: isoTime(enqueuedAt) }) };
}

/** A kind of errors for programs: times in ISO 8601. */
export function groupJson({ firstAt, lastAt, ...group }: DeadLetterGroup): object {
  return { ...group, ...defined({ firstAt: isoTime(firstAt), lastAt: isoTime(lastAt) }) };
}

/** All of a dead letter for programs. The input is left as it is, for `renderJson`; the body is only there without. */
export function letterDetailsJson({ errors, input, body, ...letter }: DeadLetterDetails): object {
  return {
    ...letterJson(letter),
    errors: errors.map(({ attempt, at, error }) => ({ attempt, at: isoTime(at), ...error })),
    ...(input === undefined ? defined({ body }) : { input: input.value ?? null }),
  };
}
