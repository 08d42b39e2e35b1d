/**
 * What an acknowledged run may be lost to. `"nothing"`: it is on the disk. `"power"`: about the last second, when the
 * machine dies. `"crash"`: everything, when the broker's process dies.
 */
export type Loss = "nothing" | "power" | "crash";

/** What an acknowledgement of a contender is worth. */
export interface Durability {
  /** As its own documentation calls it: `"AOF everysec"`. */
  readonly mode: string;
  readonly loss: Loss;
}

const WORDS: Readonly<Record<Loss, string>> = {
  nothing: "may lose nothing",
  power: "may lose the last second when the machine dies",
  crash: "loses everything when its broker dies",
};

/** Whether two numbers may be compared as they are. Pure. */
export function isFairPair(ours: Durability, theirs: Durability): boolean {
  return ours.loss === theirs.loss;
}

/** What must stand beside a comparison: `"equal"`, or who promises more. Pure. */
export function describePair(ours: Durability, theirs: Durability): string {
  if (isFairPair(ours, theirs)) return "equal";
  const order: readonly Loss[] = ["crash", "power", "nothing"];
  const stronger = order.indexOf(ours.loss) > order.indexOf(theirs.loss) ? "ours" : "theirs";
  return `UNEQUAL, ${stronger} is safer: ours ${WORDS[ours.loss]}, theirs ${WORDS[theirs.loss]}`;
}
