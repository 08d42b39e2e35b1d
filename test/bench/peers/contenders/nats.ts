import { findServer } from "@umbel/nats-server";
import { fillQueue } from "../../scenarios/fill-queue.ts";
import { BenchServer } from "../../server/bench-server.ts";
import type { Broker } from "../brokers/broker.ts";
import type { Contender, Programs } from "./contender.ts";
import type { Durability } from "./durability.ts";

const program = (file: string): URL => new URL(`../programs/${file}.ts`, import.meta.url);

const UMBEL: Programs = { driver: program("umbel-driver"), worker: program("umbel-worker") };
const RAW: Programs = { driver: program("raw-driver"), worker: new URL("../../raw/worker.ts", import.meta.url) };

/** How a nats-server is set up. */
interface Setup {
  readonly syncInterval: string;
  readonly copies?: 1 | 3;
}

const EVERY_SECOND: Setup = { syncInterval: "1s" };
const ALWAYS: Setup = { syncInterval: "always" };
const THREE: Setup = { syncInterval: "1s", copies: 3 };

/** Ours, and the leanest code for the same operations. */
export const natsContenders: readonly Contender[] = [
  contender("umbel", EVERY_SECOND),
  contender("umbel", ALWAYS),
  contender("umbel", THREE),
  { ...contender("umbel", EVERY_SECOND, "atomic"), caveat: "atomic batches of 1,000" },
  { ...contender("umbel", ALWAYS, "atomic"), caveat: "atomic batches of 1,000" },
  { ...contender("umbel", EVERY_SECOND, "traced"), caveat: "OpenTelemetry SDK, every run sampled, exporter that drops" },
  contender("raw", EVERY_SECOND),
  contender("raw", ALWAYS),
  contender("raw", THREE),
];

function contender(system: "raw" | "umbel", setup: Setup, variant?: string): Contender {
  const { syncInterval, copies = 1 } = setup;
  return {
    name: [system, ...(copies === 3 ? ["r3"] : []), syncInterval, ...(variant === undefined ? [] : [variant])].join(" "),
    system,
    title: system === "raw" ? "raw protocol" : "Umbel",
    durability: durabilityOf(setup),
    caveat: system === "raw" ? "no retries, time-outs, limits, types" : "",
    programs: { ...(system === "raw" ? RAW : UMBEL), variant },
    missing: findNats,
    startBroker: () => startNats(setup),
    fill: fillQueue,
  };
}

function durabilityOf({ syncInterval, copies = 1 }: Setup): Durability {
  return {
    mode: `R${copies} file, sync_interval ${syncInterval}`,
    loss: syncInterval === "always" ? "nothing" : "power",
  };
}

async function startNats({ syncInterval, copies = 1 }: Setup): Promise<Broker> {
  return BenchServer.start(syncInterval, copies);
}

async function findNats(): Promise<string | undefined> {
  try {
    await findServer();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
