import { describe, expect, test, vi } from "vitest";
import { AbortControl, abortReason } from "./abort-control.ts";

describe("the abort of an attempt", () => {
  test("has not happened at first", () => {
    const control = new AbortControl();
    expect(control.signal.aborted).toBe(false);
    expect(control.cause).toBeUndefined();
    expect(control.reason).toBeUndefined();
  });

  test("reaches a signal that the handler has looked at before", () => {
    const control = new AbortControl();
    const { signal } = control;
    const heard = vi.fn<() => void>();
    signal.addEventListener("abort", heard);
    control.abort("timeout", 250);
    expect(heard).toHaveBeenCalledOnce();
    expect(signal.reason).toMatchObject({ code: "attempt_timeout", details: { timeoutMs: 250 } });
    expect(control.signal).toBe(signal);
  });

  test("reaches a signal that the handler looks at only afterwards", () => {
    const control = new AbortControl();
    control.abort("cancelled");
    expect(control.signal.aborted).toBe(true);
    expect(control.signal.reason).toBe(control.reason);
    expect(control.signal).toBe(control.signal);
  });

  test("is told to its listener at once", () => {
    const control = new AbortControl();
    const heard = vi.fn<(cause: string) => void>();
    control.listener = { onAbort: heard, onTerminate: () => undefined };
    expect(heard).not.toHaveBeenCalled();
    control.abort("shutdown");
    expect(heard).toHaveBeenCalledExactlyOnceWith("shutdown");
  });

  test("is told to a listener that comes later, once", () => {
    const control = new AbortControl();
    control.abort("shutdown");
    const heard = vi.fn<(cause: string) => void>();
    control.listener = { onAbort: heard, onTerminate: () => undefined };
    control.abort("shutdown");
    expect(heard).toHaveBeenCalledExactlyOnceWith("shutdown");
  });

  test("keeps its first cause: a second one changes and tells nothing", () => {
    const control = new AbortControl();
    const heard = vi.fn<(cause: string) => void>();
    control.listener = { onAbort: heard, onTerminate: () => undefined };
    control.abort("cancelled");
    const { reason } = control;
    control.abort("timeout", 5);
    expect(control.cause).toBe("cancelled");
    expect(control.reason).toBe(reason);
    expect(control.signal.reason).toBe(reason);
    expect(heard).toHaveBeenCalledOnce();
  });
});

test.each([
  ["timeout", "attempt_timeout", /timeout of 250 ms/],
  ["cancelled", "run_cancelled", /was cancelled/],
  ["shutdown", "connection_closed", /worker is stopping/],
] as const)("the reason of %s is an error with the code %s", (cause, code, message) => {
  expect(abortReason(cause, 250)).toMatchObject({ code, message: expect.stringMatching(message) });
});
