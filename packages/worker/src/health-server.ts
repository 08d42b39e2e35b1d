import { createServer, type Server, type ServerResponse } from "node:http";
import { UmbelError } from "@umbel/protocol";

/** What a health server answers with. */
export interface HealthProbes {
  /** Whether the process should be left alone; a reason when it should be restarted. */
  live(): string | undefined;
  /** Whether the worker takes runs; a reason when it does not. */
  ready(): string | undefined;
}

/** A running health server. */
export interface HealthServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serve `/livez` and `/readyz`: 200 `ok`, or 503 with the reason. The broker being away is not ready, not dead:
 * restarting workers would not bring it back.
 *
 * @throws UmbelError `invalid_argument` when the port cannot be listened on.
 */
export async function serveHealth(
  address: { readonly port: number; readonly host: string },
  probes: HealthProbes,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0];
    if (request.method !== "GET" && request.method !== "HEAD")
      return send(response, 405, "method not allowed");
    if (path === "/livez") return answer(response, probes.live());
    if (path === "/readyz") return answer(response, probes.ready());
    return send(response, 404, "not found");
  });
  await listen(server, address);
  return { url: healthUrl(address.host, portOf(server)), [Symbol.asyncDispose]: () => close(server) };
}

function answer(response: ServerResponse, problem: string | undefined): void {
  send(response, problem === undefined ? 200 : 503, problem ?? "ok");
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  response.end(`${text}\n`);
}

function listen(
  server: Server,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (cause) => {
    reject(
      new UmbelError(
        "invalid_argument",
        `health: cannot listen on ${host}:${port}: ${cause.message}. Choose another port.`,
        {
          cause,
          details: { field: "health.port", received: port },
        },
      ),
    );
  });
  server.listen(port, host, () => resolve());
  return promise;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Where a server on `host` and `port` is asked. Pure. */
export function healthUrl(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
