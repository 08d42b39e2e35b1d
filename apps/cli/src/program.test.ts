import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { CommanderError } from "commander";
import { createTerminal } from "./output/terminal.ts";
import { createProgram } from "./program.ts";

async function parse(...args: string[]): Promise<{ out: string; err: string; exitCode: number | undefined }> {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err"): { write: (text: string) => void } => ({
    write: (text) => {
      written[name] += text;
    },
  });
  let exitCode: number | undefined;
  const program = createProgram({
    terminal: createTerminal({ out: stream("out"), err: stream("err") }, {}),
    env: {},
    stdin: Readable.from([]),
    cwd: ".",
    version: "1.2.3",
    onEnd: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exitCode = error.exitCode;
  }
  return { ...written, exitCode };
}

describe("help", () => {
  test.each([
    "server",
    "worker",
    "call",
    "result",
    "runs",
    "cancel",
    "doctor",
    "inspect",
    "control",
    "audit",
  ])("of %s has examples and its flags", async (name) => {
    const { out, exitCode } = await parse(name, "--help");
    expect(exitCode).toBe(0);
    expect(out).toContain(`Usage: umbel ${name}`);
    expect(out).toMatch(new RegExp(`\nExamples:\n  umbel ${name}`));
    expect(out).toContain("--json");
  });

  test.each(["worker", "call", "result", "runs", "cancel", "doctor"])(
    "of %s names the environment's variables",
    async (name) => {
      const { out } = await parse(name, "--help");
      for (const variable of ["UMBEL_SERVER", "UMBEL_MESH", "UMBEL_CREDS", "UMBEL_JSON"])
        expect(out).toContain(variable);
    },
  );

  test("lists every command and the exit codes", async () => {
    const { out } = await parse("--help");
    for (const name of [
      "server",
      "worker",
      "call",
      "result",
      "runs",
      "cancel",
      "dead",
      "workers",
      "inspect",
      "control",
      "audit",
      "doctor",
    ])
      expect(out).toContain(`  ${name} `);
    expect(out).toContain("3 cannot connect");
  });

  test("no line of it is too long for a terminal of 100 columns", async () => {
    for (const name of ["server", "worker", "call", "result"]) {
      const { out } = await parse(name, "--help");
      for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    }
  });

  test("the version is printed", async () => {
    expect(await parse("--version")).toEqual({ out: "umbel 1.2.3\n", err: "", exitCode: 0 });
  });
});

describe("complaints", () => {
  test.each([
    [["wroker"], "unknown command 'wroker'. Did you mean worker?"],
    [["server", "--prot", "1"], "unknown option '--prot'. Did you mean --port?"],
    [["call"], "missing required argument 'task'"],
    [["call", "a", "b"], "too many arguments"],
    [["call", "a", "--priority", "urgent"], "Allowed choices are high, normal, low."],
    [["call", "a", "--wait", "30"], 'Expected a duration such as "250ms"'],
    [["server", "--port", "http"], "Expected a whole number from 0 to 65535."],
    [["worker", "m.ts", "--log-level", "loud"], "Allowed choices are debug, info, warn, error, silent."],
  ])("%j", async (args, message) => {
    const { out, err, exitCode } = await parse(...args);
    expect(out).toBe("");
    expect(err).toContain(message);
    expect(err).toMatch(/^error: /);
    expect(exitCode).not.toBe(0);
  });

  test("name the command whose help explains", async () => {
    expect((await parse("server", "--nope")).err).toContain("See umbel server --help.");
  });
});
