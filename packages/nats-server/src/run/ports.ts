import { createServer } from "node:net";
import { UmbelError } from "@umbel/protocol";
import { freePort } from "@umbel/runtime";

/** That many different ports of the loopback address that nothing listens on at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** @throws UmbelError `server_failed` when something listens on this port of the loopback address. */
export async function requireFreePort(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = createServer();
  server.once("error", reject);
  server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
  await promise.catch((cause: unknown) => {
    const taken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    throw taken ? portInUse(port, cause) : cannotListen(port, cause);
  });
}

/** Whether a start failed because a port was taken. */
export function isPortInUse(error: unknown): boolean {
  return UmbelError.is(error, "server_failed") && error.details["reason"] === "port_in_use";
}

/** The failure of a start on a port that something else has. */
export function portInUse(port: number, cause?: unknown): UmbelError {
  const message = `Port ${port} of 127.0.0.1 is already in use.`;
  const fix = "Choose another port, leave it out for a free one, or stop what listens there.";
  return new UmbelError("server_failed", `${message} ${fix}`, {
    cause,
    details: { reason: "port_in_use", port },
  });
}

function cannotListen(port: number, cause: unknown): UmbelError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `Port ${port} of 127.0.0.1 cannot be listened on: ${why}. Choose another port.`;
  return new UmbelError("server_failed", message, { cause, details: { reason: "port_refused", port } });
}
