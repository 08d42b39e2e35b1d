import { expect, test } from "vitest";
import { threadCrash } from "./thread-crash.ts";

test("a thread that reached its memory limit says so, and what to do", () => {
  const error = Object.assign(new Error("heap out of memory"), { code: "ERR_WORKER_OUT_OF_MEMORY" });
  expect(threadCrash(error)).toMatchObject({
    code: "thread_crashed",
    message: expect.stringMatching(/memory limit.*heap out of memory.*threadMemory/),
    details: { memoryLimit: true },
    cause: error,
  });
});

test.each([
  [new Error("exited with code: 3"), "the thread ended while it executed the run: exited with code: 3"],
  ["just text", "the thread ended while it executed the run: just text"],
])("a thread that ended otherwise says how: %s", (error, message) => {
  expect(threadCrash(error)).toMatchObject({ code: "thread_crashed", message });
  expect(threadCrash(error).details).not.toHaveProperty("memoryLimit");
});
