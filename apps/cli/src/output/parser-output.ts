import type { OutputConfiguration } from "commander";
import type { Terminal } from "./terminal.ts";

/** Where the parser of the command line writes help and complaints, and how. */
export function parserOutput({ out, err }: Terminal): OutputConfiguration {
  return {
    writeOut: (text) => out.write(text),
    writeErr: (text) => err.write(text),
    outputError: (text, write) => write(complaint(text).replace(/^error:/, err.paint("bad", "error:"))),
  };
}

/** A complaint with its suggestion on the same line. Pure. */
export function complaint(text: string): string {
  return text.replace(/([^.\n])?\n\((Did you mean .*\?)\)/, "$1. $2");
}
