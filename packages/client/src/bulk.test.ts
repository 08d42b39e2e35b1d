import { describe, expect, test } from "vitest";
import { forEachOf } from "./bulk.ts";

async function* numbers(count: number, onTaken?: (index: number) => void): AsyncGenerator<number> {
  for (let index = 0; index < count; index++) {
    onTaken?.(index);
    yield index;
  }
}

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe("doing something with each of many", () => {
  test("does all, and never more at a time than allowed", async () => {
    const done: number[] = [];
    let open = 0;
    let most = 0;
    await forEachOf(
      numbers(30),
      async (index) => {
        most = Math.max(most, ++open);
        await tick();
        open -= 1;
        done.push(index);
      },
      { concurrency: 4 },
    );
    expect(done).toHaveLength(30);
    expect(most).toBe(4);
  });

  test("stops at the first error, after what has begun", async () => {
    let ended = 0;
    let taken = 0;
    const work = forEachOf(
      numbers(1_000, () => (taken += 1)),
      async (index) => {
        await tick();
        if (index === 5) throw new Error("broken");
        ended += 1;
      },
      { concurrency: 4 },
    );
    await expect(work).rejects.toThrow("broken");
    expect(taken).toBeLessThan(20);
    const before = ended;
    await tick();
    expect(ended).toBe(before);
  });

  test("stops when it is told to, with the reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    let done = 0;
    const work = forEachOf(
      numbers(1_000),
      async () => {
        await tick();
        if (++done === 3) controller.abort(reason);
      },
      { concurrency: 2, signal: controller.signal },
    );
    await expect(work).rejects.toBe(reason);
    expect(done).toBeLessThan(10);
  });

  test("passes on what goes wrong while the items are found", async () => {
    const broken = async function* (): AsyncGenerator<number> {
      yield 1;
      throw new Error("no more");
    };
    await expect(forEachOf(broken(), () => Promise.resolve(), { concurrency: 2 })).rejects.toThrow("no more");
  });
});
