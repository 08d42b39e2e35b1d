import { connectBroker, type BrokerConnection } from "@umbel/broker";
import { connect, type ConnectOptions, type Mesh } from "@umbel/client";
import type { CommandDeps } from "./command-deps.ts";
import { userAtHost } from "./user-name.ts";
import { connectionOptions, type ConnectionFlags } from "./connection-flags.ts";

const NAME = "umbel-cli";

/** What a client needs besides the flags of its connection. */
export type ClientOptions = Pick<ConnectOptions, "provision">;

/** Do `work` with a connection to the mesh that `flags` name; it is closed afterwards. @throws UmbelError */
export async function withClient<T>(
  target: { readonly flags: ConnectionFlags; readonly options: ClientOptions },
  { env }: Pick<CommandDeps, "env">,
  work: (mesh: Mesh) => Promise<T>,
): Promise<T> {
  const { flags, options } = target;
  const who = { name: NAME, actor: userAtHost() };
  const mesh = await connect({ ...who, ...connectionOptions(flags, env), ...options });
  try {
    return await work(mesh);
  } finally {
    await mesh.close();
  }
}

/** {@link withClient} for commands that look at the broker itself, and change nothing. */
export async function withBroker<T>(
  flags: ConnectionFlags,
  { env }: Pick<CommandDeps, "env">,
  work: (connection: BrokerConnection) => Promise<T>,
): Promise<T> {
  const connection = await connectBroker({ name: NAME, ...connectionOptions(flags, env) });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
