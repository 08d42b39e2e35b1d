import { expect, test } from "vitest";
import { FAULT_KINDS, FAULTS } from "./fault-kinds.ts";
import { makePlan } from "./make-plan.ts";
import { OPERATION_KINDS } from "./plan-operations.ts";

const options = { seed: 7, durationMs: 300_000 };

test("a seed always gives the same plan, and another seed another one", () => {
  expect(makePlan(options)).toEqual(makePlan(options));
  expect(makePlan({ ...options, seed: 8 }).faults).not.toEqual(makePlan(options).faults);
  expect(makePlan({ ...options, seed: 8 }).operations).not.toEqual(makePlan(options).operations);
});

test("a long plan has every fault and every kind of operation", () => {
  const { faults, operations } = makePlan(options);
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
  expect(new Set(operations.map(({ kind }) => kind))).toEqual(new Set(OPERATION_KINDS));
  expect(operations).toHaveLength(12_000);
});

test("what must be alone is not met by what comes next, and only what is wanted is done", () => {
  const { faults } = makePlan(options);
  const met = faults.filter((fault, index) => {
    const next = faults[index + 1];
    return FAULTS[fault.kind].alone && next !== undefined && next.at <= fault.at + fault.lastsMs;
  });
  expect(met).toEqual([]);
  const only = makePlan({ ...options, faults: ["cut"] }).faults;
  expect(new Set(only.map(({ kind }) => kind))).toEqual(new Set(["cut"]));
  expect(makePlan({ ...options, faults: [] }).faults).toEqual([]);
});

test("faults leave the beginning and the end in peace", () => {
  const { faults } = makePlan({ ...options, durationMs: 30_000 });
  expect(faults[0]?.at).toBe(2_000);
  expect(Math.max(...faults.map(({ at }) => at))).toBeLessThan(28_000);
});
