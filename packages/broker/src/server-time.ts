import { UmbelError } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { translateError } from "./translate-error.ts";

/** The time by the server's clock, a round trip ago: milliseconds since the epoch. @throws UmbelError */
export async function readServerTime({ manager, streams }: BrokerConnection): Promise<number> {
  try {
    const info: object = await manager.streams.info(streams.tasks);
    const time = Date.parse(String(Reflect.get(info, "ts")));
    if (!Number.isNaN(time)) return time;
  } catch (error) {
    throw translateError(error, `asking stream ${streams.tasks} for the server's time`);
  }
  throw new UmbelError("broker_error", `the server did not say what time it is on stream ${streams.tasks}.`);
}

/** Clocks drift apart, and leaders change: it is asked again after so long. */
const GOOD_FOR_MS = 5_000;

/**
 * The clock of the server that stores records, whatever this machine's own clock says. Never ahead of it, and behind
 * it by the way that its answer took.
 */
export class ServerTime {
  readonly #ask: () => Promise<number>;
  #asked: Promise<Reading> | undefined;
  #goodUntil = Number.NEGATIVE_INFINITY;

  /** @param ask the server's time now, in milliseconds since the epoch. */
  constructor(ask: () => Promise<number>) {
    this.#ask = ask;
  }

  /** @throws whatever asking throws; the next call asks again */
  async now(): Promise<number> {
    const now = performance.now();
    if (this.#asked === undefined || now >= this.#goodUntil) {
      this.#asked = this.#read();
      this.#goodUntil = now + GOOD_FOR_MS;
    }
    try {
      const { time, heardAt } = await this.#asked;
      return time + performance.now() - heardAt;
    } catch (error) {
      this.#goodUntil = Number.NEGATIVE_INFINITY;
      throw error;
    }
  }

  async #read(): Promise<Reading> {
    const time = await this.#ask();
    return { time, heardAt: performance.now() };
  }
}

interface Reading {
  readonly time: number;
  readonly heardAt: number;
}
