import { createServer } from "node:http";
import { join } from "node:path";
import { freePort } from "@umbel/runtime";
import { expect, onTestFinished, test } from "vitest";
import { downloadText, downloadVerified } from "../src/find/download/download.ts";
import { serveFiles } from "./helpers/file-server.ts";
import { temporaryFolder } from "./helpers/temporary-folder.ts";
import type { RequestListener } from "node:http";

const quiet = { report: () => undefined };

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  const port = await freePort();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(port, "127.0.0.1", () => resolve());
  await promise;
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${port}`;
}

test("redirects are followed, but not for ever", async () => {
  await using files = await serveFiles({ "/there": "found" });
  const url = await serve((request, response) => {
    const location = request.url === "/once" ? `${files.url}/there` : "/again";
    response.writeHead(302, { location }).end();
  });
  expect(await downloadText(`${url}/once`, quiet)).toBe("found");
  await expect(downloadText(`${url}/loop`, quiet)).rejects.toThrow("was redirected more than 5 times");
});

test("a server that does not answer is given up", async () => {
  const url = await serve(() => undefined);
  await expect(downloadText(url, { ...quiet, connectTimeoutMs: 50 })).rejects.toMatchObject({
    name: "UnreachableError",
    cause: expect.objectContaining({ message: "no answer for 0.05 s" }),
  });
});

test("a download that ends early is refused", async () => {
  await using folder = await temporaryFolder();
  const url = await serve((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  });
  const file = { url, sha256: "0".repeat(64), path: join(folder.path, "file") };
  await expect(downloadVerified(file, quiet)).rejects.toThrow("aborted");
});

test("a proxy is asked for the whole address", async () => {
  const url = await serve((request, response) => void response.end(`through the proxy: ${request.url}`));
  expect(await downloadText("http://mirror.test/debian", { ...quiet, proxy: url })).toBe(
    "through the proxy: http://mirror.test/debian",
  );
});
