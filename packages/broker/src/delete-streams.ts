import { streamSpecs, UmbelError } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { translateError } from "./translate-error.ts";

/**
 * Delete every stream of the mesh, with all runs, outcomes and dead letters. Streams that do not exist are no
 * failure.
 *
 * @throws UmbelError `permission_denied` and the like when one cannot be deleted.
 */
export async function deleteStreams(connection: BrokerConnection): Promise<void> {
  await Promise.all(streamSpecs(connection.mesh).map(({ name }) => deleteStream(connection, name)));
}

async function deleteStream({ manager }: BrokerConnection, name: string): Promise<void> {
  try {
    await manager.streams.delete(name);
  } catch (cause) {
    const error = translateError(cause, `deleting stream ${name}`);
    if (!UmbelError.is(error, "not_provisioned")) throw error;
  }
}
