import { ERROR_CODES, invalidArgument, isErrorCode, UmbelError } from "@umbel/protocol";
import { CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { exitCodeOf, withErrorHandling, type ErrorContext } from "./command-error.ts";
import { Interrupted } from "./interrupt.ts";
import { createTerminal } from "./output/terminal.ts";

function capture(context: Partial<ErrorContext> = {}): {
  context: ErrorContext;
  written: { out: string; err: string };
} {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err"): { write: (text: string) => void } => ({
    write: (text) => {
      written[name] += text;
    },
  });
  const terminal = createTerminal({ out: stream("out"), err: stream("err") }, {});
  return { context: { terminal, env: {}, json: false, ...context }, written };
}

async function fail(
  error: unknown,
  options: Partial<ErrorContext> = {},
): Promise<{ code: number; err: string }> {
  const { context, written } = capture(options);
  const work = async (): Promise<number> => {
    throw error;
  };
  const code = await withErrorHandling(work, context);
  expect(written.out).toBe("");
  return { code, err: written.err };
}

test("what works is passed on", async () => {
  expect(await withErrorHandling(async () => 7, capture().context)).toBe(7);
});

describe("exit codes", () => {
  test.each(Object.keys(ERROR_CODES).filter(isErrorCode))("%s is 1, 2 or 3", (code) => {
    expect([1, 2, 3]).toContain(exitCodeOf(new UmbelError(code, "x")));
  });

  test.each([
    [invalidArgument({ field: "queue", received: 1, expected: "text" }), 2],
    [new UmbelError("handler_missing", "x"), 2],
    [new UmbelError("cannot_connect", "x"), 3],
    [new UmbelError("permission_denied", "x", { details: { servers: "nats://a" } }), 3],
    [new UmbelError("permission_denied", "x", { details: { subject: "a" } }), 1],
    [new UmbelError("run_unknown", "x"), 1],
    [new Interrupted("x"), 130],
    [new TypeError("x"), 1],
    ["thrown text", 1],
  ])("%s", (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });

  test("of the parser: help is fine, the rest is usage", async () => {
    expect(await fail(new CommanderError(0, "commander.help", "x"))).toEqual({ code: 0, err: "" });
    expect(await fail(new CommanderError(1, "commander.unknownOption", "x"))).toEqual({ code: 2, err: "" });
  });
});

describe("messages", () => {
  test("an expected error is one line, with the flag that it is about", async () => {
    const error = invalidArgument({ field: "ackWait", received: 5, expected: 'at least "1s"' });
    expect(await fail(error)).toEqual({
      code: 2,
      err: 'error: --ack-wait: expected at least "1s", received 5.\n',
    });
  });

  test("an unexpected error has no stack, and says how to see it", async () => {
    const { code, err } = await fail(new TypeError("x is not a function"));
    expect(code).toBe(1);
    expect(err).toBe(
      "error: x is not a function\nThis should not happen. UMBEL_DEBUG=1 shows where it did.\n",
    );
  });

  test("with UMBEL_DEBUG the stack and the causes are shown", async () => {
    const error = new UmbelError("cannot_connect", "no", { cause: new Error("the cause") });
    const { err } = await fail(error, { env: { UMBEL_DEBUG: "1" } });
    expect(err).toContain("command-error.test.ts");
    expect(err).toContain("the cause");
  });

  test("for programs it is one JSON line", async () => {
    const { err } = await fail(new UmbelError("run_unknown", "gone", { details: { runId: "r" } }), {
      json: true,
    });
    expect(JSON.parse(err)).toEqual({
      error: { code: "run_unknown", message: "gone", details: { runId: "r" } },
    });
    const other = await fail(new TypeError("x"), { json: true });
    expect(JSON.parse(other.err)).toEqual({ error: { code: "internal", message: "x" } });
  });

  test("control characters of others do not reach the terminal", async () => {
    expect((await fail(new Error("a\u001B[2Jb"))).err).toContain("a\\x1b[2Jb");
  });
});
