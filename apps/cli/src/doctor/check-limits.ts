import type { StreamUse } from "@umbel/broker";
import { formatBytes } from "../output/bytes.ts";
import { formatDuration } from "../output/time.ts";
import { checker, type Check } from "./check.ts";

const NEAR_LIMIT = 0.8;

/** Whether the streams have room: the oldest messages of one that is full go, before their time. Pure. */
export function checkLimits(uses: readonly StreamUse[], now: number): readonly Check[] {
  const { ok, warn } = checker("limits");
  const near = uses.flatMap((use) => {
    const full = nearest(use);
    if (full === undefined) return [];
    const age =
      use.oldestAt === undefined ? "" : `; its oldest message is ${formatDuration(now - use.oldestAt)} old`;
    return [warn(`${use.name}: ${full}${age}`, adviceFor(use))];
  });
  if (near.length > 0) return near;
  return uses.length === 0 ? [] : [ok("no stream is near a limit of its own")];
}

function nearest({ bytes, maxBytes, messages, maxMessages }: StreamUse): string | undefined {
  if (maxBytes !== undefined && bytes >= NEAR_LIMIT * maxBytes)
    return `${percent(bytes / maxBytes)} of ${formatBytes(maxBytes)} (max_bytes)`;
  if (maxMessages !== undefined && messages >= NEAR_LIMIT * maxMessages)
    return `${percent(messages / maxMessages)} of ${maxMessages} messages (max_msgs)`;
  return undefined;
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

function adviceFor({ name }: StreamUse): string {
  return name.endsWith("_EVENTS")
    ? "Events of long ago go: umbel events --since reaches no further. Raise its max_bytes if that is too short."
    : `What is oldest in it goes: raise the limit (nats stream edit ${name}), or make room.`;
}
