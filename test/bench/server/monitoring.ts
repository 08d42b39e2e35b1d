import { sleep } from "@umbel/runtime";
import { z } from "zod";
import type { BenchServer } from "./bench-server.ts";

const varz = z.object({ mem: z.number() });
const connz = z.object({
  connections: z.array(z.object({ name: z.string().optional(), subscriptions: z.number() })),
});

/** Connections of clients, and what they are subscribed to in all. */
export interface ClientCounts {
  readonly connections: number;
  readonly subscriptions: number;
}

/** How many clients are connected, the benchmark's own one included. */
export async function countClients(server: BenchServer): Promise<ClientCounts> {
  const { connections } = connz.parse(await server.monitor("connz"));
  const subscriptions = connections.reduce((total, { subscriptions: count }) => total + count, 0);
  return { connections: connections.length, subscriptions };
}

const LOOK_EVERY_MS = 500;
const LOOKS = 40;
/** So many looks in a row that differ by less than this part: it is settled. */
const STEADY_LOOKS = 4;
const STEADY_PART = 0.01;

/** The memory that the server holds of the machine, in bytes, once it has stopped changing. */
export async function settledServerBytes(server: BenchServer): Promise<number> {
  const looks: number[] = [];
  while (looks.length < LOOKS) {
    looks.push(varz.parse(await server.monitor("varz")).mem);
    const last = looks.slice(-STEADY_LOOKS);
    const spread = Math.max(...last) - Math.min(...last);
    if (last.length === STEADY_LOOKS && spread <= STEADY_PART * Math.max(...last)) break;
    await sleep(LOOK_EVERY_MS);
  }
  return looks.at(-1) ?? 0;
}
