import { styleText } from "node:util";

/** What a piece of text means, not which colour it has. */
export type Tone = "good" | "bad" | "warning" | "quiet" | "strong" | "code";

/** `text` in the colour of `tone`, or as it is when colours are off. */
export type Paint = (tone: Tone, text: string) => string;

const STYLES = {
  good: "green",
  bad: "red",
  warning: "yellow",
  quiet: "dim",
  strong: "bold",
  code: "cyan",
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** Paints, or leaves text alone. */
export function createPaint(colours: boolean): Paint {
  if (!colours) return (_, text) => text;
  return (tone, text) => styleText(STYLES[tone], text, { validateStream: false });
}

/**
 * Whether to write colours: on a terminal only, and not when `NO_COLOR` is set (https://no-color.org) or the
 * terminal is dumb. `FORCE_COLOR` other than `0` writes them into files and pipes too.
 */
export function wantsColour(isTerminal: boolean, env: Readonly<Partial<Record<string, string>>>): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0";
  return isTerminal && env["TERM"] !== "dumb";
}
