import type { Broker } from "../brokers/broker.ts";
import type { Filling } from "../../scenarios/fill-queue.ts";
import type { Durability } from "./durability.ts";

/** What can be measured. */
export type System = "raw" | "umbel" | "bullmq" | "celery" | "pg-boss" | "graphile-worker";

/** A system, with a broker that is set up in one way. */
export interface Contender {
  /** `"bullmq aof-everysec"`: tells contenders apart on the command line and in JSON. */
  readonly name: string;
  readonly system: System;
  /** For people: `"BullMQ"`. */
  readonly title: string;
  readonly durability: Durability;
  /** It is so far away that no more rounds are needed to say so. @default as many as the match has */
  readonly mostRounds?: number;
  /** What else makes it do more or less than we do; nothing when it is empty. */
  readonly caveat: string;
  readonly programs: Programs;
  /** What is missing on this machine and how to install it; `undefined` when nothing is. */
  missing(): Promise<string | undefined>;
  startBroker(): Promise<Broker>;
  /** Put runs into a queue, and leave. */
  fill(url: string, filling: Filling): Promise<void>;
}

/** The processes of a system that are measured. */
export interface Programs {
  readonly driver: URL;
  readonly worker: URL;
  /** What runs them. @default this Node */
  readonly interpreter?: () => Promise<{ readonly path: string } | undefined>;
  /** Told to both. */
  readonly variant?: string | undefined;
}
