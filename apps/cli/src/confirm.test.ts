import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { CommandDeps } from "./command-deps.ts";
import { confirm } from "./confirm.ts";
import { createTerminal } from "./output/terminal.ts";

function asked(answer: string, interactive = true): { readonly deps: CommandDeps; said(): string } {
  let said = "";
  const stream = { isTTY: interactive, write: (text: string) => (said += text) };
  const stdin = Object.assign(Readable.from([answer]), { isTTY: interactive });
  const terminal = createTerminal({ out: stream, err: stream }, { NO_COLOR: "1" });
  return { deps: { terminal, env: {}, stdin, cwd: "." }, said: () => said };
}

describe("asking before something that cannot be undone", () => {
  test.each(["y\n", "YES\n", " yes \n"])("takes %j for a yes", async (answer) => {
    const { deps, said } = asked(answer);
    expect(await confirm("Really?", {}, deps)).toBe(true);
    expect(said()).toBe("Really? [y/N] ");
  });

  test.each(["\n", "n\n", "yep\n", ""])("takes %j for a no", async (answer) => {
    const { deps, said } = asked(answer);
    expect(await confirm("Really?", {}, deps)).toBe(false);
    expect(said()).toBe("Really? [y/N] Nothing was done.\n");
  });

  test("is not needed with --yes, and is an error where nobody can answer", async () => {
    const { deps, said } = asked("", false);
    expect(await confirm("Really?", { yes: true }, deps)).toBe(true);
    expect(said()).toBe("");
    await expect(confirm("Really?", {}, deps)).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining("Really?"),
    });
  });
});
