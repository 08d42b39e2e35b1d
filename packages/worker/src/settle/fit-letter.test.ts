import { decodeDeadLetter, type DeadLetter } from "@umbel/protocol";
import { expect, test } from "vitest";
import { fitLetter } from "./fit-letter.ts";

const letter: DeadLetter = {
  reason: "exhausted",
  at: 1,
  attempts: 2,
  starts: 2,
  errors: [1, 2].map((attempt) => ({
    attempt,
    at: attempt,
    error: { name: "Error", message: `attempt ${attempt}`, stack: "s".repeat(2_000) },
  })),
  subject: "umbel.T.default.n.task.id",
  headers: { Umbel: "1;task;1;o" },
  body: new Uint8Array(1_000).fill(7),
};

function fit(limitBytes: number): DeadLetter {
  const bytes = fitLetter(letter, limitBytes);
  expect(bytes.byteLength).toBeLessThanOrEqual(limitBytes);
  return decodeDeadLetter(bytes);
}

test("a letter that fits is kept whole", () => {
  expect(fit(10_000)).toEqual(letter);
});

test("stacks go first, then older errors, then all errors; the body stays", () => {
  const withoutStacks = fit(2_000);
  expect(withoutStacks.errors.map(({ error }) => error)).toEqual([
    { name: "Error", message: "attempt 1" },
    { name: "Error", message: "attempt 2" },
  ]);
  expect(withoutStacks.body).toEqual(letter.body);
  const size = fitLetter({ ...letter, errors: [] }, 10_000).byteLength;
  expect(fit(size + 60).errors.map(({ attempt }) => attempt)).toEqual([2]);
  expect(fit(size)).toEqual({ ...letter, errors: [] });
});

test("a body that cannot fit at all is left out, and the reason is kept", () => {
  expect(fit(500)).toMatchObject({ reason: "exhausted", body: new Uint8Array(), subject: letter.subject });
});
