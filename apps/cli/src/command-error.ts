import { inspect } from "node:util";
import { UmbelError, type ErrorCode } from "@umbel/protocol";
import { CommanderError } from "commander";
import { EXIT, type CommandDeps } from "./command-deps.ts";
import { isOn } from "./connection-flags.ts";
import { flagged } from "./flag-names.ts";
import { Interrupted } from "./interrupt.ts";
import { printable } from "./output/printable.ts";

/** How a command reports its failure. */
export interface ErrorContext extends Pick<CommandDeps, "terminal" | "env"> {
  /** As one JSON line, for programs. */
  readonly json: boolean;
}

/**
 * Do `work`, which resolves to an exit code. Whatever it throws becomes one message on standard error, never a
 * stack trace, and the exit code that fits. With `UMBEL_DEBUG=1` the stack and all causes are shown too.
 */
export async function withErrorHandling(work: () => Promise<number>, context: ErrorContext): Promise<number> {
  try {
    return await work();
  } catch (error) {
    return reportError(error, context);
  }
}

/** Say what went wrong. @returns the exit code for it */
export function reportError(error: unknown, context: ErrorContext): number {
  // The parser has written its message already, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const { err } = context.terminal;
  if (context.json) err.line(JSON.stringify({ error: describeError(error) }));
  else if (error instanceof Interrupted) err.line(`\n${error.message}`);
  else err.line(`${err.paint("bad", "error:")} ${printable(messageOf(error))}`);
  const hint = hintFor(error);
  if (isOn(context.env["UMBEL_DEBUG"])) err.line(printable(inspect(error, { depth: 5 })));
  else if (hint !== undefined && !context.json) err.line(err.paint("quiet", hint));
  return exitCodeOf(error);
}

function hintFor(error: unknown): string | undefined {
  if (isUnexpected(error)) return "This should not happen. UMBEL_DEBUG=1 shows where it did.";
  if (UmbelError.is(error, "cannot_connect")) return "--server or UMBEL_SERVER names another address.";
  if (isOwnInbox(error)) return INBOX_HINT;
  if (UmbelError.is(error, "result_timeout")) return `umbel result ${String(error.details["runId"])} --wait`;
  return undefined;
}

const EXIT_OF_CODE: Partial<Record<ErrorCode, number>> = {
  invalid_argument: EXIT.usage,
  handler_missing: EXIT.usage,
  duplicate_task: EXIT.usage,
  not_encodable: EXIT.usage,
  worker_unknown: EXIT.usage,
  schedule_unknown: EXIT.usage,
  cannot_connect: EXIT.cannotConnect,
};

/** The exit code for what a command threw. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (!UmbelError.is(error)) return EXIT.failed;
  if (isRefusedConnection(error)) return EXIT.cannotConnect;
  return EXIT_OF_CODE[error.code] ?? EXIT.failed;
}

/** Whether the server was reached and did not let this user in. */
export function isRefusedConnection(error: unknown): boolean {
  return UmbelError.is(error, "permission_denied") && error.details["servers"] !== undefined;
}

/** What to do when {@link isOwnInbox}. */
export const INBOX_HINT = "A user with an inbox of its own needs --inbox-prefix or UMBEL_INBOX_PREFIX.";

/** Whether the server did not let this user listen for answers. */
export function isOwnInbox(error: unknown): boolean {
  return UmbelError.is(error, "permission_denied") && String(error.details["subject"]).startsWith("_INBOX");
}

function isUnexpected(error: unknown): boolean {
  if (error instanceof Interrupted) return false;
  return !UmbelError.is(error) || error.code === "internal";
}

function messageOf(error: unknown): string {
  if (UmbelError.is(error)) return flagged(error);
  return error instanceof Error ? error.message : String(error);
}

function describeError(error: unknown): object {
  const message = messageOf(error);
  if (UmbelError.is(error)) return { code: error.code, message, details: error.details };
  return { code: error instanceof Interrupted ? "interrupted" : "internal", message };
}
