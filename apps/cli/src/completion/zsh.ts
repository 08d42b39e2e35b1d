import type { CompletedCommand } from "./completion-table.ts";
import { flagPaths, pathsOf, quoted } from "./words.ts";

/** A completion of zsh, to be sourced or to be found on its `fpath` as `_umbel`. */
export function zshCompletion(table: readonly CompletedCommand[]): string {
  return `#compdef umbel
# Completion of umbel for zsh: source <(umbel completion zsh), after compinit
_umbel() {
  local at=umbel i prev="\${words[CURRENT-1]}" cur="\${words[CURRENT]}"
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
      (${patterns(pathsOf(table))}) at="$at \${words[i]}" ;;
    esac
  done
  case "$at $prev" in
    (${patterns(flagPaths(table, ({ value }) => value.kind === "file"))}) _files; return ;;
    (${patterns(flagPaths(table, ({ value }) => value.kind === "text"))}) return 1 ;;
${choices(table)}
  esac
  case "$at" in
${table.map(commandCase).join("\n")}
  esac
}
if [[ "\${funcstack[1]}" = _umbel ]]; then _umbel "$@"; else compdef _umbel umbel; fi
`;
}

function patterns(words: readonly string[]): string {
  return words.map(quoted).join("|");
}

function choices(table: readonly CompletedCommand[]): string {
  const lines = table.flatMap(({ path, flags }) =>
    flags.flatMap(({ name, value }) =>
      value.kind === "choice"
        ? [`    (${quoted(`${path} ${name}`)}) compadd -- ${value.choices.map(quoted).join(" ")}; return ;;`]
        : [],
    ),
  );
  return lines.join("\n");
}

function commandCase({ path, commands, flags, operands }: CompletedCommand): string {
  const described = (words: readonly { readonly name: string; readonly about: string }[]): string =>
    words.map(({ name, about }) => quoted(`${name}:${about}`)).join(" ");
  const known = operands.kind === "choice" ? operands.choices.map((name) => ({ name, about: "" })) : commands;
  const other = operands.kind === "file" ? "_files" : `found=(${described(known)}); _describe command found`;
  return `    (${quoted(path)})
      if [[ "$cur" == -* ]]; then found=(${described(flags)}); _describe -o flag found
      else ${other}; fi ;;`;
}
