import type { WorkerStatus } from "@umbel/client";
import type { TopFacts, TopQueue } from "../../src/top/facts.ts";
/** A queue in which nothing is. */
export declare function queue(name: string, fields?: Partial<TopQueue>): TopQueue;
/** A worker that does nothing. */
export declare function worker(name: string, fields?: Partial<WorkerStatus>): WorkerStatus;
/** A mesh with these things. */
export declare function facts(fields?: Partial<TopFacts>): TopFacts;
//# sourceMappingURL=top-samples.d.ts.map
