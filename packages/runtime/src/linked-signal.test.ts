import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { linkedController } from "./linked-signal.ts";

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

test("a linked controller aborts with its parent's reason when the parent does", () => {
  const parent = new AbortController();
  using linked = linkedController(parent.signal);
  expect(linked.signal.aborted).toBe(false);
  const reason = new Error("shutting down");
  parent.abort(reason);
  expect(linked.signal.reason).toBe(reason);
});

test("a linked controller of a parent that has aborted is aborted from the start, and listens to nothing", () => {
  const parent = AbortSignal.abort("over");
  using linked = linkedController(parent);
  expect(linked.signal.reason).toBe("over");
  expect(listenersOf(parent)).toBe(0);
});

test("a linked controller can be aborted alone, and keeps its first reason", () => {
  const parent = new AbortController();
  using linked = linkedController(parent.signal);
  linked.abort("mine");
  expect(linked.signal.reason).toBe("mine");
  expect(parent.signal.aborted).toBe(false);
  parent.abort("theirs");
  expect(linked.signal.reason).toBe("mine");
});

test("a parent gathers no listeners: each controller's is removed when it is disposed", () => {
  const parent = new AbortController();
  for (let count = 0; count < 100; count++) {
    using linked = linkedController(parent.signal);
    expect([listenersOf(parent.signal), linked.signal.aborted]).toEqual([1, false]);
  }
  expect(listenersOf(parent.signal)).toBe(0);
});

test("a disposed controller no longer follows its parent, and disposing twice is fine", () => {
  const parent = new AbortController();
  const linked = linkedController(parent.signal);
  linked[Symbol.dispose]();
  linked[Symbol.dispose]();
  parent.abort();
  expect(linked.signal.aborted).toBe(false);
});
