import { bullmqContenders } from "./bullmq.ts";
import { celery } from "./celery.ts";
import type { Contender } from "./contender.ts";
import { natsContenders } from "./nats.ts";
import { postgresContenders } from "./postgres.ts";

/** Everything that can be measured. */
export const CONTENDERS: readonly Contender[] = [
  ...natsContenders,
  ...bullmqContenders,
  celery,
  ...postgresContenders,
];

/** @throws Error for a name that none has. */
export function contenderNamed(name: string): Contender {
  const found = CONTENDERS.find((contender) => contender.name === name);
  if (found === undefined) throw new Error(`there is no contender "${name}"`);
  return found;
}
