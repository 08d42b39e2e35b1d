import type { UmbelError } from "@umbel/protocol";
import { unconfirmed } from "./send-failure.ts";

/** When a message without an answer is sent again, and when it is given up. Pure. */
export interface RepeatPolicy {
  decide(
    entry: { readonly sentAt: number; readonly firstSentAt: number },
    now: number,
  ): "wait" | "repeat" | "give-up";
  /** A `sentAt` that makes a message, refused for lack of a leader, due again after a short back-off. */
  unansweredSince(now: number, repeats: number): number;
  givenUp(): UmbelError;
}

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 1_000;

export function createRepeatPolicy(options: {
  readonly answerTimeoutMs?: number;
  readonly giveUpAfterMs?: number;
}): RepeatPolicy {
  const { answerTimeoutMs = 3_000, giveUpAfterMs = 30_000 } = options;
  return {
    decide: ({ sentAt, firstSentAt }, now) => {
      if (now - sentAt < answerTimeoutMs) return "wait";
      return now - firstSentAt >= giveUpAfterMs ? "give-up" : "repeat";
    },
    unansweredSince: (now, repeats) => {
      const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** repeats);
      return now - answerTimeoutMs + Math.min(backoffMs, answerTimeoutMs);
    },
    givenUp: () =>
      unconfirmed(`the server did not confirm within ${giveUpAfterMs} ms.`, { details: { giveUpAfterMs } }),
  };
}
