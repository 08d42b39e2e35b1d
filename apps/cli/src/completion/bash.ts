import type { CompletedCommand } from "./completion-table.ts";
import { flagPaths, pathsOf, quoted } from "./words.ts";

/** A completion of bash 3.2 and later. */
export function bashCompletion(table: readonly CompletedCommand[]): string {
  return `# Completion of umbel for bash: source <(umbel completion bash)
_umbel() {
  local at=umbel word i cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$at $word" in
      ${patterns(pathsOf(table))}) at="$at $word" ;;
    esac
  done
  case "$at $prev" in
    ${patterns(flagPaths(table, ({ value }) => value.kind === "file"))}) _umbel_files; return ;;
    ${patterns(flagPaths(table, ({ value }) => value.kind === "text"))}) return ;;
${choices(table)}
  esac
  case "$at" in
${table.map(commandCase).join("\n")}
  esac
}
_umbel_files() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -f -- "$cur"))
  compopt -o filenames 2>/dev/null
}
_umbel_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}
complete -F _umbel umbel
`;
}

function patterns(words: readonly string[]): string {
  return words.map(quoted).join("|");
}

function choices(table: readonly CompletedCommand[]): string {
  const lines = table.flatMap(({ path, flags }) =>
    flags.flatMap(({ name, value }) =>
      value.kind === "choice"
        ? [`    ${quoted(`${path} ${name}`)}) _umbel_words ${quoted(value.choices.join(" "))}; return ;;`]
        : [],
    ),
  );
  return lines.join("\n");
}

function commandCase({ path, commands, flags, operands }: CompletedCommand): string {
  const names = flags.map(({ name }) => name).join(" ");
  const others = operands.kind === "choice" ? operands.choices : commands.map(({ name }) => name);
  const other = operands.kind === "file" ? "_umbel_files" : `_umbel_words ${quoted(others.join(" "))}`;
  return `    ${quoted(path)}) if [[ $cur == -* ]]; then _umbel_words ${quoted(names)}; else ${other}; fi ;;`;
}
