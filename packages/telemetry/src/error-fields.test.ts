import { UmbelError, invalidArgument } from "@umbel/protocol";
import { expect, test } from "vitest";
import { errorFields, errorMessage, errorType, stackWithCauses } from "./error-fields.ts";

class QuotaExceeded extends Error {}

test("an UmbelError keeps its code, details, stack and causes", () => {
  const root = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  const error = new UmbelError("cannot_connect", "servers: nobody answers", {
    cause: root,
    details: { servers: "nats://127.0.0.1:4222" },
  });
  expect(errorFields(error)).toEqual({
    type: "UmbelError",
    message: "servers: nobody answers",
    code: "cannot_connect",
    details: { servers: "nats://127.0.0.1:4222" },
    stack: error.stack,
    cause: { type: "Error", message: "refused", code: "ECONNREFUSED", stack: root.stack },
  });
});

test("what an error lacks is absent", () => {
  const plain = new Error("no");
  delete plain.stack;
  expect(errorFields(plain)).toEqual({ type: "Error", message: "no" });
  expect(errorFields(new UmbelError("internal", "no"))).not.toHaveProperty("details");
});

test("what is not an error stays as it is", () => {
  for (const value of ["text", 7, undefined, null, { message: "data" }])
    expect(errorFields(value)).toBe(value);
});

test("a circular chain of causes ends", () => {
  const error = new Error("round");
  error.cause = error;
  expect(JSON.stringify(errorFields(error))).toContain("round");
  expect(stackWithCauses(error).split("Caused by: ").length).toBeLessThan(10);
});

test("the errors of an AggregateError are kept, up to ten", () => {
  const errors = Array.from({ length: 50 }, (_, index) => new TypeError(`no ${index}`));
  const fields = errorFields(new AggregateError(errors, "all failed"));
  expect(fields).toMatchObject({ type: "AggregateError", errors: { length: 10 } });
  expect(fields).toHaveProperty("errors.0.message", "no 0");
});

test.each([
  [invalidArgument({ field: "f", received: 1, expected: "2" }), "invalid_argument"],
  [Object.assign(new Error("x"), { code: "ECONNRESET" }), "ECONNRESET"],
  [new TypeError("x"), "TypeError"],
  [new QuotaExceeded("x"), "QuotaExceeded"],
  [new DOMException("x", "AbortError"), "AbortError"],
  [{ name: "Remote", message: "from a thread" }, "Remote"],
  ["thrown text", "_OTHER"],
  [undefined, "_OTHER"],
])("the type of %o is %s", (reason, type) => {
  expect(errorType(reason)).toBe(type);
});

test("the message is the error's, or the text that was thrown", () => {
  expect(errorMessage(new Error("broken"))).toBe("broken");
  expect(errorMessage({ message: "data" })).toBe("data");
  expect(errorMessage("text")).toBe("text");
  expect(errorMessage(undefined)).toBe("_OTHER");
});

test("the stack of a cause follows that of the error", () => {
  const cause = new RangeError("deep");
  const stack = stackWithCauses(new Error("shallow", { cause }));
  expect(stack).toMatch(/^Error: shallow\n[^]*\nCaused by: RangeError: deep\n/);
});
