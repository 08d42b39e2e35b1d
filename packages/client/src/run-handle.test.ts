import { UmbelError } from "@umbel/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RunHandle } from "./run-handle.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a result that nobody can wait for any more leaves no timer and no listener behind", async () => {
  const closed = new UmbelError("connection_closed", "it is closed");
  const inbox = {
    add: (): never => {
      throw closed;
    },
  };
  const handle: unknown = Reflect.construct(RunHandle, ["run-1", { inbox }]);
  if (!(handle instanceof RunHandle)) throw new Error("no handle was made");
  const { signal } = new AbortController();
  const forget = vi.spyOn(signal, "removeEventListener");
  await expect(handle.result({ timeout: "1m", signal })).rejects.toBe(closed);
  expect(vi.getTimerCount()).toBe(0);
  expect(forget).toHaveBeenCalledTimes(1);
  await expect(handle.result()).rejects.toBe(closed);
});
