import { describe, expect, test } from "vitest";
import { runPhases } from "./run-phases.ts";
import { resolveOpenFilter, resolveQuery, type RunQuery } from "./run-query.ts";

const walks = (query: RunQuery): readonly string[] =>
  runPhases("umbel", resolveQuery(query, 0)).map((phase) =>
    phase.kind === "r" ? "outcomes" : phase.subjects,
  );

describe("a listing walks over", () => {
  test.each<[RunQuery, readonly string[]]>([
    [{}, ["umbel.*.*.*.*.*", "outcomes"]],
    [{ queue: "media" }, ["umbel.*.media.*.*.*", "outcomes"]],
    [{ task: "a.b" }, ["umbel.*.*.*.a~b.*", "umbel.K.*.*.*.*", "outcomes"]],
    [{ state: "scheduled", queue: "q", task: "t" }, ["umbel.S.q.*.t.*"]],
    [{ state: "queued" }, ["umbel.T.*.*.*.*", "umbel.K.*.*.*.*"]],
    [{ state: ["queued", "scheduled"] }, ["umbel.*.*.*.*.*"]],
    [{ state: "retrying" }, ["umbel.*.*.*.*.*"]],
    [{ state: ["running", "failed"], queue: "q" }, ["umbel.T.q.*.*.*", "umbel.K.q.*.*.*", "outcomes"]],
    [{ state: "cancelled", task: "t" }, ["outcomes"]],
  ])("%j", (query, subjects) => {
    expect(walks(query)).toEqual(subjects);
  });

  test("what has not ended only, when runs are to be cancelled by states", () => {
    const filter = resolveOpenFilter({ state: "queued" }, "cancelMatching");
    expect(runPhases("umbel", filter).map(({ kind }) => kind)).toEqual(["t", "k"]);
  });
});

test("times are moments, or how long ago", () => {
  const now = Date.UTC(2027, 0, 1, 9);
  const since = (moment: Date | string): number | undefined => resolveQuery({ since: moment }, now).since;
  expect(since("1h")).toBe(now - 3_600_000);
  expect(since(new Date(5))).toBe(5);
  expect(since("2027-01-01T09:00:00+01:00")).toBe(now - 3_600_000);
  for (const wrong of ["2027-01-01T09:00:00", "1 hour", "", new Date(Number.NaN)])
    expect(() => since(wrong)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
});
