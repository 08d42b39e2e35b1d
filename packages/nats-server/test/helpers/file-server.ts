import { createServer } from "node:http";
import { freePort } from "@umbel/runtime";

/** An HTTP server on the loopback address that gives out these files and notes what was asked for. */
export interface FileServer extends AsyncDisposable {
  readonly url: string;
  readonly requested: readonly string[];
}

export async function serveFiles(files: Readonly<Record<string, string | Buffer>>): Promise<FileServer> {
  const requested: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requested.push(path);
    const file = files[path];
    const body = Buffer.from(file ?? "");
    response.writeHead(file === undefined ? 404 : 200, { "content-length": body.length }).end(body);
  });
  const port = await freePort();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(port, "127.0.0.1", () => resolve());
  await promise;
  return {
    url: `http://127.0.0.1:${port}`,
    requested,
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}
