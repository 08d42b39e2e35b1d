import { Readable } from "node:stream";
import { createTerminal } from "../../src/output/terminal.ts";
import { createProgram } from "../../src/program.ts";
import type { Finished } from "./umbel.ts";

/** Run `umbel` with `args` in this process: a tenth of the time that one of its own takes. */
export async function umbelHere(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Finished> {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err"): { write: (text: string) => void } => ({
    write: (text) => {
      written[name] += text;
    },
  });
  let code: number | undefined;
  const program = createProgram({
    terminal: createTerminal({ out: stream("out"), err: stream("err") }, {}),
    env,
    stdin: Readable.from([]),
    cwd: ".",
    version: "1.2.3",
    onEnd: (exitCode) => {
      code = exitCode;
    },
  });
  await program.parseAsync(args, { from: "user" });
  return { code, ...written };
}
