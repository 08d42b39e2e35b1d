import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificates, type Certificates } from "./helpers/certificates.ts";
import { temporaryFolder, type TemporaryFolder } from "./helpers/temporary-folder.ts";
import { umbel, type Finished } from "./helpers/umbel.ts";

let folder: TemporaryFolder;
let files: Certificates;
let server: LocalServer;

beforeAll(async () => {
  folder = await temporaryFolder();
  files = makeCertificates(folder.path);
  const { cert, key } = files.server;
  const tls = { cert_file: cert, key_file: key, ca_file: files.ca };
  const lines = Object.entries(tls).map(([name, path]) => `${name}: ${JSON.stringify(path)}`);
  server = await startServer({ extraConfig: `tls { ${lines.join(", ")}, verify: true }` });
});

afterAll(async () => {
  await server?.stop();
  await folder?.[Symbol.asyncDispose]();
});

function call(...flags: readonly string[]): Promise<Finished> {
  return umbel(["call", "math.add", "--server", server.url, "--json", ...flags]);
}

describe("a server with TLS that asks for certificates", () => {
  test("is reached with an authority, a certificate and its key", async () => {
    const { cert, key } = files.client;
    const flags = ["--tls-ca", files.ca, "--tls-cert", cert, "--tls-key", key];
    expect(await call(...flags)).toMatchObject({ code: 0, out: expect.stringContaining("runId") });
  });

  test("may be named by the environment and by the configuration, too", async () => {
    const { cert, key } = files.client;
    const env = { UMBEL_TLS_CA: files.ca, UMBEL_TLS_CERT: cert, UMBEL_TLS_KEY: key };
    const byEnvironment = await umbel(["runs", "--server", server.url], { env });
    expect(byEnvironment).toMatchObject({ code: 0, err: "" });
    const tls = { ca: "ca.pem", cert: "client.pem", key: "client.key" };
    const config = `export default ${JSON.stringify({ servers: server.url, tls })};`;
    await writeFile(join(folder.path, "umbel.config.mjs"), config);
    expect(await umbel(["runs"], { cwd: folder.path })).toMatchObject({ code: 0, err: "" });
  });

  test("is not trusted without the authority: 3", async () => {
    expect(await call()).toMatchObject({ code: 3, err: expect.stringContaining("certificate") });
  });

  test("files that are not there, or half of a pair: 2", async () => {
    expect(await call("--tls-ca", "/no/such.pem")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--tls-ca: expected a readable PEM file .*no such file/),
    });
    expect(await call("--tls-cert", files.client.cert)).toMatchObject({
      code: 2,
      err: expect.stringContaining("--tls-key: expected a file: certificate and key go together"),
    });
    expect(await call("--tls-ca", files.client.key)).toMatchObject({ code: 3 });
  });
});
