import type { QueueDefinition } from "@umbel/client";
import type { CommandDeps } from "../command-deps.ts";
import { wantsJson, type JsonFlag } from "../connection-flags.ts";
import { isoTime } from "../output/time.ts";
import { pauseText } from "./queues-text.ts";

/** Tell what is now decided about a queue. */
export function tellDefinition(definition: QueueDefinition, flags: JsonFlag, deps: CommandDeps): void {
  const { out } = deps.terminal;
  const { name, version, lanes, keyed, paused } = definition;
  if (wantsJson(flags, deps.env)) {
    const pause = paused && { ...paused, at: isoTime(paused.at), until: isoTime(paused.until) };
    return out.line(JSON.stringify({ queue: name, version, lanes, keyed, paused: pause }));
  }
  const state = paused === undefined ? "open" : pauseText(paused, Date.now());
  return out.line(`${name}: ${state}, ${lanes === 1 ? "1 lane" : `${lanes} lanes`}`);
}
