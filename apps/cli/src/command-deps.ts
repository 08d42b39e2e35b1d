import type { Terminal } from "./output/terminal.ts";

/** What every command is given besides its flags. */
export interface CommandDeps {
  readonly terminal: Terminal;
  readonly env: Readonly<Partial<Record<string, string>>>;
  readonly stdin: NodeJS.ReadableStream;
  /** The folder that paths are relative to. */
  readonly cwd: string;
}

/** What a command came to, as its process tells its caller. */
export const EXIT = {
  ok: 0,
  /** It did not work, or the run that was asked about failed. */
  failed: 1,
  /** It was called wrongly. */
  usage: 2,
  /** No server could be reached, or it refused the credentials. */
  cannotConnect: 3,
  /** Ctrl-C while it waited, as shells count it: 128 + SIGINT. */
  interrupted: 130,
} as const;
