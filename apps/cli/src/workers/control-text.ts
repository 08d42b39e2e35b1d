import type { ControlResult } from "@umbel/client";
import type { Terminal } from "../output/terminal.ts";
import { renderJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import { formatDuration } from "../output/time.ts";
import { shownName } from "./workers-text.ts";

/** Tell people what workers did: what they answered, and who did not. */
export function tellReplies(verb: string, result: ControlResult<unknown>, { out, err }: Terminal): void {
  const all = [...result.replies, ...result.missing];
  const called = ({ worker: id, name }: { readonly worker: string; readonly name: string }): string =>
    printable(shownName({ id, name }, all));
  for (const reply of result.replies) {
    if (reply.ok)
      out.line(`${called(reply)}: ${out.paint("good", verb)}  ${printable(valueText(reply.value))}`);
    else err.line(`${called(reply)}: ${err.paint("bad", "refused")}  ${printable(reply.error.message)}`);
  }
  for (const missing of result.missing) {
    const age = formatDuration(missing.ageMs);
    const why = missing.why === "busy" ? `did not answer in time, and may do it yet` : "is gone";
    err.line(`${called(missing)}: ${err.paint("warning", why)}, it told of itself ${age} ago`);
  }
  if (all.length === 0) err.line("there are no workers");
}

function valueText(value: unknown): string {
  if (typeof value !== "object" || value === null) return "";
  return Object.entries(value)
    .map(([name, each]) => `${name} ${typeof each === "string" ? each : renderJson(each)}`)
    .join(", ");
}

/** Whether all that were meant did it. Of all workers, those that have ended were not. Pure. */
export function didAll({ replies, missing }: ControlResult<unknown>, target: unknown): boolean {
  if (replies.length === 0 || replies.some(({ ok }) => !ok)) return false;
  return missing.every(({ why }) => why === "lost" && target === "all");
}
