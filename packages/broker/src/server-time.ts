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
