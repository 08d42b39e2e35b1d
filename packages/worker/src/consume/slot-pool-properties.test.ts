import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SlotPool, type SlotUser } from "./slot-pool.ts";

type Step =
  | { readonly do: "ask" }
  | { readonly do: "offer"; readonly count: number }
  | { readonly do: "release"; readonly durationMs: number }
  | { readonly do: "sweep"; readonly afterMs: number }
  | { readonly do: "stop" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ do: "ask" as const }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("offer" as const), count: fc.nat({ max: 30 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("release" as const),
      durationMs: fc.oneof(fc.double({ min: 0, max: 3, noNaN: true }), fc.nat({ max: 500 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("sweep" as const), afterMs: fc.nat({ max: 150 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: "stop" as const }) },
);

/** Drives a pool, and knows what must have become of everyone that it has taken. */
class Model {
  readonly pool: SlotPool;
  readonly begun: number[] = [];
  readonly givenUp: number[] = [];
  readonly refused: number[] = [];
  wanted = 0;
  offered = 0;
  #released = 0;
  #now = 0;

  constructor(size: number) {
    this.pool = new SlotPool(size);
  }

  get executing(): number {
    return this.begun.length - this.#released;
  }

  get taken(): number {
    return this.offered - this.refused.length;
  }

  take(next: Step): void {
    switch (next.do) {
      case "ask":
        this.wanted = this.pool.wanted;
        break;
      case "offer":
        for (let index = 0; index < next.count; index++) this.#offer();
        break;
      case "release":
        if (this.executing > 0) this.#release(next.durationMs);
        break;
      case "sweep":
        this.pool.sweep((this.#now += next.afterMs));
        break;
      case "stop":
        this.pool.giveUpWaiting();
        break;
      default:
        next satisfies never;
    }
  }

  #offer(): void {
    const id = this.offered++;
    const user: SlotUser = { begin: () => this.begun.push(id), giveUp: () => this.givenUp.push(id) };
    if (!this.pool.offer(user, this.#now)) this.refused.push(id);
  }

  #release(durationMs: number): void {
    this.#released += 1;
    this.pool.release(durationMs);
  }
}

function checkCounts(model: Model): void {
  const { pool } = model;
  expect({ busy: pool.busy, waiting: pool.waiting }).toEqual({
    busy: model.executing,
    waiting: model.taken - model.begun.length - model.givenUp.length,
  });
  expect(pool.busy).toBeLessThanOrEqual(pool.size);
  // Nobody waits for a slot that is free.
  expect(pool.waiting > 0 && pool.busy < pool.size).toBe(false);
}

test("whoever is taken begins or is given up, once and in order; never are more begun than there are slots", () => {
  const quick = Array.from({ length: 20 }, (): Step[] => [
    { do: "offer", count: 1 },
    { do: "release", durationMs: 1 },
  ]).flat();
  const start = fc.constantFrom<readonly Step[]>([], quick);
  const steps = fc.array(step, { maxLength: 40 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), start, steps, (size, first, rest) => {
      const model = new Model(size);
      for (const next of [...first, ...rest]) {
        model.take(next);
        checkCounts(model);
      }
      model.take({ do: "stop" });
      const { begun, givenUp, refused } = model;
      expect(begun).toEqual([...begun].sort((one, other) => one - other));
      const told = [...begun, ...givenUp, ...refused];
      expect(told.sort((one, other) => one - other)).toEqual(
        Array.from({ length: model.offered }, (_, id) => id),
      );
      expect(model.wanted).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("as many as were asked for are taken, whatever handlers take meanwhile", () => {
  const durations = fc.array(fc.nat({ max: 200 }), { minLength: 20, maxLength: 40 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), durations, fc.nat({ max: 9 }), (size, measured, pace) => {
      const model = new Model(size);
      for (const durationMs of measured) {
        model.take({ do: "offer", count: 1 });
        model.take({ do: "release", durationMs: durationMs / 100 });
      }
      model.take({ do: "ask" });
      for (let arrived = 0; arrived < model.wanted; arrived++) {
        model.take({ do: "offer", count: 1 });
        if (arrived % 10 < pace) model.take({ do: "release", durationMs: measured[arrived % 20] ?? 0 });
      }
      expect(model.wanted).toBeGreaterThan(size);
      expect(model.refused).toEqual([]);
    }),
  );
});
