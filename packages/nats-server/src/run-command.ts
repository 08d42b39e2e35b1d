import { execFile } from "node:child_process";

/** What a command that ran came to. */
export interface CommandResult {
  /** The exit code; `undefined` when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and for how long a command runs. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until it is killed. @default no limit */
  readonly timeoutMs?: number;
}

/**
 * Run a command without a shell and without standard input.
 *
 * @throws Node's error when it cannot be started (`code` is `"ENOENT"`, `"EACCES"`…), the signal's reason
 * when aborted. A failure of the command itself is a result.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
  const { cwd, signal, timeoutMs = 0 } = options;
  const child = execFile(command, args, { cwd, signal, timeout: timeoutMs }, (error, stdout, stderr) => {
    if (signal?.aborted === true) reject(abortReason(signal));
    else if (error !== null && typeof error.code === "string") reject(error);
    else resolve({ code: child.exitCode ?? undefined, stdout, stderr });
  });
  child.stdin?.end();
  return promise;
}

/**
 * Run a command that must succeed; resolves to what it wrote to standard output.
 *
 * @throws an error with the command's own words when it fails, besides those of {@link runCommand}.
 */
export async function requireCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await runCommand(command, args, options);
  if (code === 0) return stdout;
  throw new Error(
    `${command} failed${code === undefined ? "" : ` (${code})`}: ${stderr.trim() || "it said nothing"}`,
  );
}

/** Whether `error` says that there is no such command or file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}
