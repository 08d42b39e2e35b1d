import { handle, type Handler } from "@umbel/worker";
import { analyse } from "../analysis/analyse.ts";
import { analyseInline } from "../tasks.ts";

/** On the loop, where nothing else happens while it computes. */
export const inline: Handler = handle(analyseInline, (input) => analyse(input));
