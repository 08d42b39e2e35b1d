import type { BrokerConnection } from "./connection.ts";
import { translateError } from "./translate-error.ts";

/** How the server's clock and this machine's differ. */
export interface ClockOffset {
  /** Milliseconds that the server is ahead; negative when it is behind. */
  readonly offsetMs: number;
  /** The true offset is at most this much larger or smaller. */
  readonly uncertaintyMs: number;
}

const SAMPLES = 5;

/**
 * Compare the server's clock with this machine's, by the time that it writes on what it tells of a stream:
 * several times, and the quickest answer counts, whose moment is known best.
 *
 * @returns `undefined` when there is no stream of the mesh to ask about.
 * @throws UmbelError when the server cannot be asked.
 */
export async function measureServerClock(connection: BrokerConnection): Promise<ClockOffset | undefined> {
  let best: ClockOffset | undefined;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const offset = await measureOnce(connection);
    if (offset === undefined) return best;
    if (best === undefined || offset.uncertaintyMs < best.uncertaintyMs) best = offset;
  }
  return best;
}

async function measureOnce({ manager, streams }: BrokerConnection): Promise<ClockOffset | undefined> {
  const askedAt = Date.now();
  const startedAt = performance.now();
  try {
    const info: object = await manager.streams.info(streams.tasks);
    const roundTripMs = performance.now() - startedAt;
    const serverTime = Date.parse(String(Reflect.get(info, "ts")));
    if (Number.isNaN(serverTime)) return undefined;
    return { offsetMs: serverTime - (askedAt + roundTripMs / 2), uncertaintyMs: roundTripMs / 2 };
  } catch (error) {
    const translated = translateError(error, `asking stream ${streams.tasks} for the server's time`);
    if (translated.code === "not_provisioned") return undefined;
    throw translated;
  }
}
