import { readFile } from "node:fs/promises";
import { UmbelError } from "@umbel/protocol";
import { portInUse } from "./ports.ts";
import type { ServerExit } from "./server-process.ts";

const SHOWN_LINES = 12;

/** The error of a server that did not start, with what it said last. */
export async function startFailure(happened: string, logFile: string): Promise<UmbelError> {
  return explainStart(happened, await readFile(logFile, "utf8").catch(() => ""));
}

/** How a server ended, as the middle of a sentence. */
export function describeExit({ code, signal }: ServerExit): string {
  return signal === undefined ? `it ended with code ${code ?? "unknown"}` : `it was ended by ${signal}`;
}

/** {@link startFailure}, given the whole log. */
export function explainStart(happened: string, log: string): UmbelError {
  const takenPort = /listen tcp \S*?:(\d+): bind: address already in use/.exec(log)?.[1];
  if (takenPort !== undefined) return portInUse(Number(takenPort));
  const lines = log.trimEnd().split("\n").slice(-SHOWN_LINES);
  const said = log.trim() === "" ? "It wrote nothing." : `Its last lines:\n${lines.join("\n")}`;
  return new UmbelError("server_failed", `nats-server did not start: ${happened}. ${fixFor(log)} ${said}`, {
    details: { reason: "start", log: lines },
  });
}

function fixFor(log: string): string {
  if (/config is invalid|unknown field|error parsing|nats-server: \S+\.conf/i.test(log)) {
    return "Correct the configuration, most likely extraConfig.";
  }
  if (/permission denied/i.test(log)) return "Give a storeDir that this user may write to.";
  if (/no space left/i.test(log)) return "Make room on the disk of storeDir.";
  return "See what it said last, or give it longer by startTimeoutMs.";
}
