import type { Command } from "commander";
import { wholeNumber } from "./input/flag-values.ts";

/** A port; 0 means a free one. */
export const PORT: (text: string) => number = wholeNumber(0, 65_535);

/** Give `command` the flags of a server on this machine. */
export function addServerFlags(command: Command): Command {
  return command
    .option("--port <number>", "for clients; 0 means a free one", PORT, 4222)
    .option("--store <folder>", "where the data is kept (default: ./.umbel/nats)")
    .option("--monitor <port>", "serve HTTP monitoring here; 0 means a free port (default: off)", PORT)
    .option(
      "--sync <interval>",
      'how often writes are forced to the disk, or "always": before each answer',
      "1s",
    );
}
