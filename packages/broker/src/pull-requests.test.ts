import type { Priority } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import {
  ANSWER_GRACE_MS,
  isDeaf,
  isOverdue,
  nextStep,
  rotate,
  scanned,
  type PullRequest,
  type SourceState,
} from "./pull-requests.ts";

const NONE: PullRequest = { kind: "none" };
const POLL: PullRequest = { kind: "poll", remaining: 1, deadline: 100 };
const PAUSE: PullRequest = { kind: "pause", until: 100 };
const scan = (remaining: number): PullRequest => ({ kind: "scan", remaining, deadline: 100 });

function state(
  queue: string,
  priority: Priority,
  rest: Partial<Omit<SourceState, "source">> = {},
): SourceState {
  const source = { consumer: `${queue}_${priority}`, queue, priority };
  return { source, request: NONE, empty: false, unanswered: 0, refused: 0, ...rest };
}

const five = (): number => 5;

describe("the next request", () => {
  test("scans the most urgent source, for all that is wanted", () => {
    const states = [state("q", "high"), state("q", "low")];
    expect(nextStep(states, five)).toEqual({ action: "scan", state: states[0], wanted: 5 });
  });

  test("is none while a scan is under way: what is lower waits for its answer", () => {
    expect(nextStep([state("q", "high", { request: scan(2) }), state("q", "low")], five)).toEqual({
      action: "wait",
    });
  });

  test("asks nothing twice: what a poll covers or what was refused is passed over", () => {
    const states = [
      state("q", "high", { request: POLL }),
      state("q", "normal", { request: PAUSE }),
      state("q", "low"),
    ];
    expect(nextStep(states, five)).toMatchObject({ action: "scan", state: states[2] });
    expect(nextStep(states.slice(0, 2), five)).toEqual({ action: "wait" });
  });

  test("polls what is known to be empty, and then looks at what is lower", () => {
    const [high, low] = [state("q", "high", { empty: true }), state("q", "low")];
    expect(nextStep([high, low], five)).toEqual({
      action: "poll",
      state: high,
      wanted: 1,
      expiresMs: 2_000,
    });
    high.request = POLL;
    expect(nextStep([high, low], five)).toMatchObject({ action: "scan", state: low });
  });

  test("polls for a small part of the room: for one at least, and never for many", () => {
    const polled = (room: number): unknown => nextStep([state("q", "high", { empty: true })], () => room);
    expect(polled(1)).toMatchObject({ action: "poll", wanted: 1 });
    expect(polled(15)).toMatchObject({ wanted: 1 });
    expect(polled(80)).toMatchObject({ wanted: 10 });
    expect(polled(10_000)).toMatchObject({ wanted: 16 });
  });

  test("counts what a scan of something lower may still bring", () => {
    const states = [state("q", "high"), state("q", "low", { request: scan(3) })];
    expect(nextStep(states, five)).toMatchObject({ action: "scan", state: states[0], wanted: 2 });
    expect(nextStep(states, () => 3)).toEqual({ action: "wait" });
  });

  test("passes over sources of which nothing is wanted", () => {
    const states = [state("threads", "high"), state("loop", "low")];
    const wanted = ({ queue }: { queue: string }): number => (queue === "loop" ? 1 : 0);
    expect(nextStep(states, wanted)).toEqual({ action: "scan", state: states[1], wanted: 1 });
    expect(nextStep(states, () => 0)).toEqual({ action: "wait" });
    expect(nextStep(states, () => -2)).toEqual({ action: "wait" });
  });

  test("without a source is none", () => {
    expect(nextStep([], five)).toEqual({ action: "wait" });
  });
});

describe("turns", () => {
  const queues = (states: readonly SourceState[]): string[] =>
    states.map(({ source }) => source.queue + source.priority[0]);

  test("within a priority the one that was asked goes behind its equals, and no further", () => {
    const states = [state("a", "high"), state("a", "normal"), state("b", "normal"), state("c", "normal")];
    states.push(state("a", "low"));
    const [, first] = states;
    if (first !== undefined) rotate(states, first);
    expect(queues(states)).toEqual(["ah", "bn", "cn", "an", "al"]);
    const [, , second] = states;
    if (second !== undefined) rotate(states, second);
    expect(queues(states)).toEqual(["ah", "bn", "an", "cn", "al"]);
  });

  test("one without equals stays where it is", () => {
    const states = [state("a", "high"), state("a", "normal")];
    const [first] = states;
    if (first !== undefined) rotate(states, first);
    expect(queues(states)).toEqual(["ah", "an"]);
  });
});

test("what scans may still bring is counted, and nothing else", () => {
  expect(
    scanned([
      state("a", "high", { request: scan(2) }),
      state("b", "high", { request: scan(3) }),
      state("c", "high", { request: POLL }),
      state("d", "high"),
    ]),
  ).toBe(5);
});

test("a request is overdue when its answer is late by more than the grace", () => {
  for (const request of [POLL, scan(1)]) {
    const asked = state("q", "high", { request });
    expect(isOverdue(asked, 100 + ANSWER_GRACE_MS)).toBe(false);
    expect(isOverdue(asked, 101 + ANSWER_GRACE_MS)).toBe(true);
  }
  for (const request of [NONE, PAUSE]) {
    expect(isOverdue(state("q", "high", { request }), Number.MAX_SAFE_INTEGER)).toBe(false);
  }
});

test("a source is deaf after a few requests without an answer, or after many refusals", () => {
  const deaf = (rest: Partial<SourceState>): boolean => isDeaf(state("q", "high", rest));
  expect([deaf({}), deaf({ unanswered: 2 }), deaf({ unanswered: 3 })]).toEqual([false, false, true]);
  expect([deaf({ refused: 29 }), deaf({ refused: 30 })]).toEqual([false, true]);
});
