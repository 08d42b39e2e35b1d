import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorKind, generalMessage } from "./error-fingerprint.ts";

const STACK = [
  "TypeError: no such user",
  "    at node:internal/process/task_queues:95:5",
  "    at Object.parse (/app/node_modules/zod/lib/index.js:1:2)",
  "    at async loadUser (file:///srv/releases/17/src/users.ts:10:5)",
  "    at handler (file:///srv/releases/17/src/handlers.ts:3:1)",
].join("\n");

describe("a message without what differs from run to run", () => {
  test.each([
    ['user "ada" (id 7) not found', 'user "…" (id #) not found'],
    ["user 'bob' (id 4711) not found", 'user "…" (id #) not found'],
    ["can't reach the server, won't retry", "can't reach the server, won't retry"],
    ["connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED #"],
    ["row 5f0c6a2e-9d1b-4a6e-8f3e-2b1c0d9e8f7a is locked", "row # is locked"],
    ["took 1.5s\n  of 30,000 ms", "took # of # ms"],
    ["", ""],
  ])("%j is %j", (message, general) => {
    expect(generalMessage(message)).toBe(general);
  });

  test("is bounded, and the same when it is made again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600 }), (message) => {
        const general = generalMessage(message);
        expect(general.length).toBeLessThanOrEqual(200);
        expect(generalMessage(message)).toBe(general);
      }),
    );
  });
});

describe("the kind of an error", () => {
  const error = { name: "TypeError", message: 'no user "ada"', stack: STACK };

  test("names the uppermost frame of one's own code, without its folder and line", () => {
    expect(errorKind(error)).toEqual({
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      name: "TypeError",
      message: 'no user "…"',
      frame: "loadUser (users.ts)",
    });
  });

  test("is the same for another value, another machine and another line", () => {
    const stack = STACK.replaceAll("/srv/releases/17", "/opt/app").replace("users.ts:10:5", "users.ts:99:1");
    const other = errorKind({ ...error, message: 'no user "bob"', stack });
    expect(other.fingerprint).toBe(errorKind(error).fingerprint);
  });

  test.each([
    ["name", { ...error, name: "RangeError" }],
    ["code", { ...error, code: "ENOENT" }],
    ["message", { ...error, message: 'no group "ada"' }],
    ["function", { ...error, stack: STACK.replace("loadUser", "saveUser") }],
    ["file", { ...error, stack: STACK.replace("users.ts", "groups.ts") }],
    ["lack of a stack", { name: error.name, message: error.message }],
  ])("is another one for another %s", (_, other) => {
    expect(errorKind(other).fingerprint).not.toBe(errorKind(error).fingerprint);
  });

  test("takes a frame without a function, of Windows too, and no frame of the runtime", () => {
    const frameOf = (...frames: string[]): string | undefined =>
      errorKind({ ...error, stack: ["Error: x", ...frames].join("\n") }).frame;
    expect(frameOf("    at file:///app/main.js:1:2")).toBe("main.js");
    expect(frameOf(String.raw`    at new User (C:\app\user.js:1:2)`)).toBe("new User (user.js)");
    expect(frameOf("    at Array.map (<anonymous>)", "    at node:vm:1:2")).toBeUndefined();
    expect(frameOf()).toBeUndefined();
  });
});
