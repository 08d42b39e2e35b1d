import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Screen } from "./helpers/screen.ts";
import { temporaryFolder, type TemporaryFolder } from "./helpers/temporary-folder.ts";
import { umbel } from "./helpers/umbel.ts";

const SHELLS = {
  bash: { command: ["bash", "--norc", "--noprofile", "-i"], before: "bind 'set bell-style none'; " },
  zsh: { command: ["zsh", "-f", "-i"], before: "autoload -Uz compinit && compinit -u -D; " },
  fish: { command: ["fish", "--no-config", "-i"], before: "" },
} as const;

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const name of ["handlers.ts", "my.creds"]) await writeFile(join(folder.path, name), "");
});

afterAll(async () => {
  await folder?.[Symbol.asyncDispose]();
});

describe.each(["bash", "zsh", "fish"] as const)("in a real %s, Tab completes", (shell) => {
  test("commands, flags, and their values", async () => {
    const { code, out, err } = await umbel(["completion", shell]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    await writeFile(join(folder.path, `completion.${shell}`), out);
    const { command, before } = SHELLS[shell];
    await using screen = await Screen.start({ command, cwd: folder.path, env: { PS1: "ready> " } });
    // Not the text of the command line itself.
    await screen.type(`${before}. ./completion.${shell}; echo loa'ded'`);
    await screen.press("Enter");
    await screen.shows("loaded");
    for (const [typed, completed] of [
      ["umbel que", "umbel queues "],
      ["umbel queues pau", "umbel queues pause "],
      ["umbel queues pause media --rea", "umbel queues pause media --reason "],
      ["umbel worker --log-level de", "umbel worker --log-level debug"],
      ["umbel worker --creds my", "umbel worker --creds my.creds"],
      ["umbel worker han", "umbel worker handlers.ts"],
      ["umbel completion z", "umbel completion zsh"],
    ] as const) {
      await screen.type(typed);
      await screen.press("Tab");
      await screen.shows(completed.trimEnd());
      await screen.press("C-c");
    }
    await screen.type("umbel dead ");
    await screen.press("Tab", "Tab");
    await screen.shows(/discard[\s\S]*redrive/);
  });
});

test("another shell is refused with 2", async () => {
  const { code, err } = await umbel(["completion", "tcsh"]);
  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringContaining("Allowed choices are bash, zsh, fish."),
  });
});
