import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { FailureNotice } from "./failure-notice.ts";
import { DEFAULT_RETRY_POLICY, exponential, fixed } from "./retry-policy.ts";
import { checkResultTtl } from "./result-ttl.ts";
import { defineTask, type AnyTask, type Task } from "./task.ts";

/** A schema of nothing but types and a check that lets everything through. */
function schemaOf<Input, Output = Input>(
  convert: (value: unknown) => Output,
): StandardSchemaV1<Input, Output> {
  return { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: convert(value) }) } };
}

interface Picture {
  readonly path: string;
}

const picture = schemaOf<Picture>((value) => ({ path: String(value) }));
/** Takes a text, gives a number. */
const length = schemaOf<string, number>((value) => String(value).length);
/** Takes a Date, gives a text. */
const stamp = schemaOf<Date, string>(String);

describe("a task", () => {
  test("has defaults for all but its name", () => {
    expect(defineTask({ name: "media.thumbnail" })).toStrictEqual({
      identity: undefined,
      name: "media.thumbnail",
      queue: "default",
      priority: "normal",
      retry: DEFAULT_RETRY_POLICY,
      timeoutMs: undefined,
      expiresMs: undefined,
      deadlineMs: undefined,
      resultTtlMs: undefined,
      ignoreResult: false,
      onFailure: undefined,
      runsOn: "loop",
      onRetry: "keep-order",
      inputSchema: undefined,
      outputSchema: undefined,
    });
  });

  test("says in plain data what its options said", () => {
    const task = defineTask({
      name: "media.thumbnail",
      queue: "media",
      priority: "high",
      retry: { maxAttempts: 5, backoff: fixed("5s") },
      timeout: "30s",
      expires: "1h",
      deadline: "2h",
      resultTtl: "2d",
      ignoreResult: true,
      onFailure: defineTask<FailureNotice>({ name: "media.sorry", queue: "mail", priority: "high" }),
      runsOn: "thread",
      input: picture,
      output: length,
    });
    expect(task).toStrictEqual({
      identity: undefined,
      name: "media.thumbnail",
      queue: "media",
      priority: "high",
      retry: { maxAttempts: 5, backoff: fixed("5s") },
      timeoutMs: 30_000,
      expiresMs: 3_600_000,
      deadlineMs: 7_200_000,
      resultTtlMs: 172_800_000,
      ignoreResult: true,
      onFailure: { task: "media.sorry", queue: "mail", priority: "high" },
      runsOn: "thread",
      onRetry: "keep-order",
      inputSchema: picture,
      outputSchema: length,
    });
  });

  test("cannot be changed", () => {
    const task = defineTask({ name: "a" });
    expect(Reflect.set(task, "name", "b")).toBe(false);
    expect(task.name).toBe("a");
  });

  test("takes a schema that is a function, as some libraries make them", () => {
    const callable = Object.assign(() => undefined, picture);
    expect(defineTask({ name: "a", input: callable }).inputSchema).toBe(callable);
  });
});

describe("a wrong option is refused with its field, what was received and what is expected", () => {
  const define = (options: unknown): unknown => Reflect.apply(defineTask, undefined, [options]);
  const named = (option: object): object => ({ name: "media.thumbnail", ...option });
  const IN = "task media.thumbnail: ";

  test.each<[string, unknown, string, string, RegExp]>([
    ["no options", undefined, "task", "undefined", /an object of options/],
    ["options in an array", [], "task", "[]", /an object of options/],
    ["no name", {}, "task.name", "undefined", /a task name of 1 to 128/],
    ["a name with a space", { name: "a b" }, "task.name", '"a b"', /a task name/],
    ["a name of two dots", { name: "a..b" }, "task.name", '"a..b"', /joined by single dots/],
    ["a queue with a dot", named({ queue: "a.b" }), `${IN}queue`, '"a.b"', /a queue name/],
    ["a queue that is a wildcard", named({ queue: "*" }), `${IN}queue`, '"*"', /a queue name/],
    [
      "an unknown priority",
      named({ priority: "urgent" }),
      `${IN}priority`,
      '"urgent"',
      /"high", "normal" or "low"/,
    ],
    ["no attempts", named({ retry: { maxAttempts: 0 } }), `${IN}retry.maxAttempts`, "0", /from 1 to 1000/],
    ["a retry that is a number", named({ retry: 3 }), `${IN}retry`, "3", /an object of options/],
    [
      "a backoff that is a text",
      named({ retry: { backoff: "5s" } }),
      `${IN}retry.backoff`,
      '"5s"',
      /exponential\(/,
    ],
    ["a timeout in words", named({ timeout: "soon" }), `${IN}timeout`, '"soon"', /milliseconds/],
    ["a timeout of 0", named({ timeout: 0 }), `${IN}timeout`, "0", /a duration above 0/],
    ["a timeout of null", named({ timeout: null }), `${IN}timeout`, "null", /milliseconds/],
    ["an expiry below 0", named({ expires: -1 }), `${IN}expires`, "-1", /milliseconds/],
    [
      "a result time to live below a second",
      named({ resultTtl: "999ms" }),
      `${IN}resultTtl`,
      '"999ms"',
      /from "1s" to "30d"/,
    ],
    [
      "an unknown place to run",
      named({ runsOn: "process" }),
      `${IN}runsOn`,
      '"process"',
      /"loop" or "thread"/,
    ],
    ["a yes to ignoring", named({ ignoreResult: "yes" }), `${IN}ignoreResult`, '"yes"', /true or false/],
    ["a name as failure task", named({ onFailure: "a" }), `${IN}onFailure`, '"a"', /made by defineTask/],
    [
      "a failure task by hand",
      named({ onFailure: { name: "a", queue: "b" } }),
      `${IN}onFailure`,
      '{"name":"a","queue":"b"}',
      /made by defineTask/,
    ],
    [
      "errors by their class",
      named({ retry: { retryOn: [TypeError] } }),
      `${IN}retry.retryOn`,
      "[null]",
      /a list of names or codes/,
    ],
    [
      "errors by one name",
      named({ retry: { discardOn: "TypeError" } }),
      `${IN}retry.discardOn`,
      '"TypeError"',
      /a list of names/,
    ],
    [
      "an endless elapsed time",
      named({ retry: { maxElapsed: Number.POSITIVE_INFINITY } }),
      `${IN}retry.maxElapsed`,
      "Infinity",
      /milliseconds/,
    ],
    ["an input that is no schema", named({ input: {} }), `${IN}input`, "{}", /a Standard Schema/],
    ["an input that is null", named({ input: null }), `${IN}input`, "null", /a Standard Schema/],
    ["an input that is a text", named({ input: "text" }), `${IN}input`, '"text"', /a Standard Schema/],
    [
      "an output with half a schema",
      named({ output: { "~standard": {} } }),
      `${IN}output`,
      '{"~standard":{}}',
      /a Standard Schema/,
    ],
    [
      "an output with no schema in it",
      named({ output: { "~standard": null } }),
      `${IN}output`,
      '{"~standard":null}',
      /a Standard Schema/,
    ],
  ])("%s", (_, options, ...[field, received, expected]) => {
    expect(() => define(options)).toThrow(
      expect.objectContaining({
        code: "invalid_argument",
        message: expect.stringContaining(`${field}: expected `),
        details: expect.objectContaining({ field, received, expected: expect.stringMatching(expected) }),
      }),
    );
  });

  test.each([
    ["timout", "timeout"],
    ["rety", "retry"],
    ["queues", "queue"],
    ["runOn", "runsOn"],
    ["resultTTL", "resultTtl"],
    ["inputs", "input"],
  ])("an unknown option %s, with the guess %s", (option, guess) => {
    expect(() => define(named({ [option]: 1 }))).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          `^task\\.${option}: expected one of name, .* Did you mean "${guess}"\\?$`,
        ),
      }),
    );
  });

  test("an unknown option that is like no other, without a guess", () => {
    expect(() => define(named({ colour: "red" }))).toThrow(
      /^task\.colour: expected one of [^?]*, received "red"\.$/,
    );
  });
});

test("a result's time to live is absent, or from a second to 30 days", () => {
  expect(checkResultTtl(undefined, "resultTtl")).toBeUndefined();
  expect(checkResultTtl("1s", "resultTtl")).toBe(1_000);
  expect(() => checkResultTtl(999, "resultTtl")).toThrow(
    /^resultTtl: expected a duration from "1s" to "30d", received 999/,
  );
  expect(checkResultTtl("30d", "resultTtl")).toBe(30 * 86_400_000);
  expect(() => checkResultTtl("31d", "resultTtl")).toThrow(/"30d", received "31d"/);
});

describe("the types of a task", () => {
  test("come from its schemas: what callers pass and get, what the handler gets and returns", () => {
    const task = defineTask({ name: "a", input: length, output: stamp });
    expectTypeOf(task).toEqualTypeOf<Task<string, string, number, Date>>();
  });

  test("are unknown on the way out without an output schema", () => {
    expectTypeOf(defineTask({ name: "a", input: picture })).toEqualTypeOf<
      Task<Picture, unknown, Picture, unknown>
    >();
  });

  test("can be given without schemas", () => {
    expectTypeOf(defineTask<Picture, number>({ name: "a" })).toEqualTypeOf<Task<Picture, number>>();
    expectTypeOf(defineTask<Picture>({ name: "a" })).toEqualTypeOf<Task<Picture, unknown>>();
  });

  test("all fit what registries hold", () => {
    expectTypeOf<Task<string, string, number, Date>>().toExtend<AnyTask>();
    expectTypeOf<Task<Picture, unknown>>().toExtend<AnyTask>();
  });

  test("refuse wrong options at compile time too", () => {
    // @ts-expect-error an unknown priority
    expect(() => defineTask({ name: "a", priority: "urgent" })).toThrow(/priority/);
    // @ts-expect-error a duration in words
    expect(() => defineTask({ name: "a", timeout: "soon" })).toThrow(/timeout/);
    // @ts-expect-error a misspelt option
    expect(() => defineTask({ name: "a", timout: "5s" })).toThrow(/timout/);
    // @ts-expect-error no name
    expect(() => defineTask({ retry: { backoff: exponential() } })).toThrow(/name/);
  });
});
