import { Argument, type Command } from "commander";
import type { Shell } from "./commands/completion.ts";
import { run, subcommand, type ProgramDeps } from "./declare.ts";

/** Declare `umbel completion`. */
export function declareCompletion(program: Command, deps: ProgramDeps): void {
  subcommand(program, "completion", [
    "source <(umbel completion bash)",
    "source <(umbel completion zsh)",
    "umbel completion fish > ~/.config/fish/completions/umbel.fish",
  ])
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .summary("write what completes commands and flags in a shell")
    .description("Write what completes commands and flags in a shell, for its start file.")
    .action((shell: Shell) =>
      run(deps, {}, async () => (await import("./commands/completion.ts")).completion(shell, program, deps)),
    );
}
