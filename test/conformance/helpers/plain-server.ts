import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { findServer } from "@umbel/nats-server";
import { eventually, freePort } from "@umbel/runtime";

/** A nats-server without JetStream, which `startServer` does not run. */
export async function startPlainServer(): Promise<{ readonly url: string } & AsyncDisposable> {
  const { path } = await findServer();
  const port = await freePort();
  const server = spawn(path, ["-a", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const exited = once(server, "exit");
  await eventually("the plain server takes connections", () => takesConnections(port));
  return {
    url: `nats://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.kill();
      await exited;
    },
  };
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } finally {
    socket.destroy();
  }
}
