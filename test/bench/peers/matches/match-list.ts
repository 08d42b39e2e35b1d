import { calling, draining, enqueueing } from "./basic-matches.ts";
import type { Match } from "./match.ts";
import { mirrored } from "./mirrored-matches.ts";
import { elsewhere, heavily, safely } from "./special-matches.ts";

/** All matches, in the order in which a round measures them. */
export const MATCHES: readonly Match[] = [
  ...enqueueing,
  ...draining,
  ...calling,
  ...safely,
  ...mirrored,
  ...elsewhere,
  ...heavily,
];
