import type { Command, Option } from "commander";

/** What may follow a word of a command line. */
export type Follows =
  | { readonly kind: "nothing" }
  /** Something that only the user knows. */
  | { readonly kind: "text" }
  | { readonly kind: "file" }
  | { readonly kind: "choice"; readonly choices: readonly string[] };

/** A flag of a command. */
export interface CompletedFlag {
  readonly name: string;
  readonly about: string;
  readonly value: Follows;
}

/** A command with all that may follow it. */
export interface CompletedCommand {
  /** With those that it belongs to: `umbel queues pause`. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly flags: readonly CompletedFlag[];
  readonly operands: Follows;
}

/** Every command of `program` with what may follow it, for completion. */
export function completionTable(program: Command, before = ""): readonly CompletedCommand[] {
  const path = before === "" ? program.name() : `${before} ${program.name()}`;
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const own: CompletedCommand = {
    path,
    commands: commands.map((command) => ({
      name: command.name(),
      about: help.subcommandDescription(command),
    })),
    flags: help.visibleOptions(program).map((option) => ({
      name: option.long ?? option.flags,
      about: option.description,
      value: valueOf(option),
    })),
    operands: operandsOf(program),
  };
  return [own, ...commands.flatMap((command) => completionTable(command, path))];
}

function valueOf({ required, argChoices, flags }: Option): Follows {
  if (argChoices !== undefined) return { kind: "choice", choices: argChoices };
  // One that may be left out: what follows may as well be another flag.
  if (!required) return { kind: "nothing" };
  return /<(?:file|folder)>/.test(flags) ? { kind: "file" } : { kind: "text" };
}

function operandsOf({ registeredArguments: [operand] }: Command): Follows {
  if (operand === undefined) return { kind: "nothing" };
  if (operand.argChoices !== undefined) return { kind: "choice", choices: operand.argChoices };
  return operand.name() === "modules" ? { kind: "file" } : { kind: "text" };
}
