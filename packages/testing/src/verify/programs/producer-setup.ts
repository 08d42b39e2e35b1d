import type { ConnectionOptions } from "@umbel/broker";

/** The environment variable that holds a {@link ProducerSetup}. */
export const PRODUCER_VARIABLE = "UMBEL_VERIFY_PRODUCER";

/** What a producer's process is started with. */
export interface ProducerSetup {
  /** A file with all operations of the plan. */
  readonly planFile: string;
  /** Which of the producers it is. */
  readonly producer: number;
  /** When the plan began, in milliseconds since the epoch. */
  readonly beganAt: number;
  /** The folder of the history. */
  readonly journal: string;
  readonly connection: Omit<ConnectionOptions, "logger">;
}
