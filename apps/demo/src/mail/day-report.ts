import type { Chunk } from "../data-set/chunk.ts";
import type { Mail } from "../tasks.ts";

const LATE_MINUTES = 15;

/** The mail about one day. Pure. */
export function dayReport({ key, delays }: Pick<Chunk, "key" | "delays">): Mail {
  const late = delays.filter((delay) => delay >= LATE_MINUTES).length;
  const share = Math.round((100 * late) / delays.length);
  return {
    subject: `Delays on ${key}`,
    text: `${delays.length} flights on ${key}: ${share} % were ${LATE_MINUTES} minutes late or more.`,
  };
}
