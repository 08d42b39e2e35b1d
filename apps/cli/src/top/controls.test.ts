import { describe, expect, test } from "vitest";
import { pressKey, START, type Controls, type Key } from "./controls.ts";
import { queue } from "./test-data/samples.ts";

const QUEUES = [queue("a"), queue("b", { paused: { at: 0 } })];

/** The controls after `keys`, and what the last one does. */
function press(...keys: readonly (string | Key)[]): ReturnType<typeof pressKey> {
  let result: ReturnType<typeof pressKey> = { controls: START };
  for (const key of keys)
    result = pressKey(result.controls, typeof key === "string" ? { text: key, name: key } : key, QUEUES);
  return result;
}

const controls = (...keys: readonly (string | Key)[]): Controls => press(...keys).controls;

describe("keys", () => {
  test("quit", () => {
    expect(press("q").effect).toEqual({ kind: "quit" });
    const ctrlC = { name: "c", ctrl: true };
    expect(press(ctrlC).effect).toEqual({ kind: "quit" });
    expect(press("/", ctrlC).effect).toEqual({ kind: "quit" });
  });

  test("sort by one thing after another", () => {
    expect([1, 2, 3, 4].map((times) => controls(...Array.from({ length: times }, () => "s")).sort)).toEqual([
      "waiting",
      "held",
      "rate",
      "name",
    ]);
  });

  test("type a filter, and drop it", () => {
    expect(controls("/", "q", "p", "x", { name: "backspace" })).toMatchObject({
      filter: "qp",
      mode: { kind: "filtering" },
    });
    const kept = ["/", "a", "b", { name: "return" }] as const;
    expect(controls(...kept)).toMatchObject({ filter: "ab", mode: { kind: "looking" } });
    expect(controls(...kept, { name: "escape" }).filter).toBe("");
    expect(controls("/", "a", "b", { name: "escape" })).toMatchObject({
      filter: "",
      mode: { kind: "looking" },
    });
  });

  test("choose a queue, no further than there are", () => {
    const down = { name: "down" };
    expect(controls(down).selected).toBe("a");
    expect(controls(down, down, down).selected).toBe("b");
    expect(controls(down, down, "k", "k").selected).toBe("a");
  });

  test("pause and resume the chosen queue, once that is confirmed", () => {
    expect(controls("p").notice).toBe("choose a queue first, with the arrow keys");
    expect(press("j", "p").effect).toBe(undefined);
    expect(press("j", "p", "y").effect).toEqual({ kind: "act", action: { what: "pause", queue: "a" } });
    expect(press("j", "j", "p", "Y").effect).toEqual({ kind: "act", action: { what: "resume", queue: "b" } });
    expect(press("j", "p", "q")).toEqual({
      controls: expect.objectContaining({ notice: "nothing was done", mode: { kind: "looking" } }),
    });
  });
});
