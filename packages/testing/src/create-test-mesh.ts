import { randomBytes } from "node:crypto";
import { createLogger } from "@umbel/telemetry";
import { LogLines } from "./log-lines.ts";
import { TestMesh } from "./test-mesh.ts";
import { checkTestMeshOptions, type TestMeshOptions } from "./test-mesh-options.ts";
import { startTestServers, stopTestServers } from "./test-servers.ts";

/**
 * A mesh for one test: a real server, a client that is connected, workers in this process or in killable ones,
 * and waits that are not sleeps. Closing it leaves nothing behind.
 *
 * @throws UmbelError `invalid_argument` naming the wrong option; as `startServer` and `connect` do.
 */
export async function createTestMesh(options: TestMeshOptions = {}): Promise<TestMesh> {
  checkTestMeshOptions(options);
  const servers = await startTestServers(options);
  const log = new LogLines();
  try {
    return await TestMesh.open({
      servers,
      log,
      replicas: options.replicas ?? (servers.kind === "cluster" ? 3 : 1),
      connection: {
        ...options.connection,
        servers: servers.urls,
        mesh: options.name ?? `test-${randomBytes(6).toString("hex")}`,
        logger: options.logger ?? createLogger({ level: "debug", destination: log }),
      },
    });
  } catch (error) {
    await stopTestServers(servers);
    throw error;
  }
}
