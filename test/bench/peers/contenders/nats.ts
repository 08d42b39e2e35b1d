import { findServer } from "@umbel/nats-server";
import { fillQueue } from "../../scenarios/fill-queue.ts";
import { BenchServer } from "../../server/bench-server.ts";
import type { Broker } from "../brokers/broker.ts";
import type { Contender, Programs } from "./contender.ts";
import type { Durability } from "./durability.ts";

const UMBEL: Programs = {
  driver: new URL("../programs/umbel-driver.ts", import.meta.url),
  worker: new URL("../programs/umbel-worker.ts", import.meta.url),
};
const RAW: Programs = {
  driver: new URL("../programs/raw-driver.ts", import.meta.url),
  worker: new URL("../../raw/worker.ts", import.meta.url),
};

/** How a nats-server is set up. */
export interface Setup {
  readonly syncInterval: string;
  readonly copies?: 1 | 3;
}

const EVERY_SECOND: Setup = { syncInterval: "1s" };
const ALWAYS: Setup = { syncInterval: "always" };
const THREE: Setup = { syncInterval: "1s", copies: 3 };

/** Ours, and the leanest code for the same operations. */
export const natsContenders: readonly Contender[] = [
  natsContender("umbel", EVERY_SECOND),
  natsContender("umbel", ALWAYS),
  natsContender("umbel", THREE),
  { ...natsContender("umbel", EVERY_SECOND, "atomic"), caveat: "atomic batches of 1,000" },
  { ...natsContender("umbel", ALWAYS, "atomic"), caveat: "atomic batches of 1,000" },
  {
    ...natsContender("umbel", EVERY_SECOND, "traced"),
    caveat: "OpenTelemetry SDK, every run sampled, exporter that drops",
  },
  natsContender("raw", EVERY_SECOND),
  natsContender("raw", ALWAYS),
  natsContender("raw", THREE),
];

/** Ours or the raw protocol, with a server that is set up like that. */
export function natsContender(system: "raw" | "umbel", setup: Setup, variant?: string): Contender {
  const { syncInterval, copies = 1 } = setup;
  return {
    name: [
      system,
      ...(copies === 3 ? ["r3"] : []),
      syncInterval,
      ...(variant === undefined ? [] : [variant]),
    ].join(" "),
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
