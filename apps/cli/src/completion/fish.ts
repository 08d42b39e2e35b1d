import type { CompletedCommand, CompletedFlag, Follows } from "./completion-table.ts";
import { pathsOf } from "./words.ts";

/** A completion of fish. */
export function fishCompletion(table: readonly CompletedCommand[]): string {
  return `# Completion of umbel for fish: umbel completion fish > ~/.config/fish/completions/umbel.fish
function __umbel_at
    set -l at umbel
    for word in (commandline -opc)[2..-1]
        switch "$at $word"
            case ${pathsOf(table).map(quoted).join(" ")}
                set at "$at $word"
        end
    end
    test "$at" = "$argv"
end
complete -c umbel -f
${table.flatMap(commandLines).join("\n")}
`;
}

function commandLines({ path, commands, flags, operands }: CompletedCommand): readonly string[] {
  const here = `complete -c umbel -n ${quoted(`__umbel_at ${path}`)}`;
  return [
    ...commands.map(({ name, about }) => `${here} -a ${quoted(name)} -d ${quoted(about)}`),
    ...flags.map((flag) => `${here} ${flagText(flag)}`),
    ...(operands.kind === "nothing" || operands.kind === "text" ? [] : [`${here} ${valueText(operands)}`]),
  ];
}

function flagText({ name, about, value }: CompletedFlag): string {
  const long = `-l ${name.replace(/^--/, "")} -d ${quoted(about)}`;
  return value.kind === "nothing" ? long : `${long} -r ${valueText(value)}`;
}

function valueText(value: Follows): string {
  if (value.kind === "choice") return `-f -a ${quoted(value.choices.join(" "))}`;
  return value.kind === "file" ? "-F" : "-f";
}

// Between single quotes fish takes a backslash for what it is elsewhere.
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}
