import type { ConnectionOptions } from "@umbel/broker";
import { checkFields, invalidArgument } from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";

/** What {@link createTestMesh} takes. */
export interface TestMeshOptions {
  /** The URL of a running server, or of several of one cluster, to share. @default servers of its own */
  readonly server?: string | readonly string[];
  /** How many servers of its own: one, or a cluster of three. @default 1 */
  readonly servers?: 1 | 3;
  /** Copies of the mesh's streams. @default as many as it has servers of its own, 1 when it shares some */
  readonly replicas?: 1 | 3;
  /** The nats-server to run. @default what `findServer` finds */
  readonly binary?: string;
  /** More lines of its own servers' configuration. */
  readonly extraConfig?: string;
  /** The name of the mesh. @default one that no other has */
  readonly name?: string;
  /** How its client, its workers and its own view of the broker connect: credentials, for example. */
  readonly connection?: Omit<ConnectionOptions, "servers" | "mesh" | "logger">;
  /** Where its client and the workers in this process log. @default `log` of the mesh, and nowhere else */
  readonly logger?: Logger;
}

const FIELDS: readonly (keyof TestMeshOptions)[] = [
  "server",
  "servers",
  "replicas",
  "binary",
  "extraConfig",
  "name",
  "connection",
  "logger",
];

/** @throws UmbelError `invalid_argument` for the first option that is not acceptable. */
export function checkTestMeshOptions(options: TestMeshOptions): void {
  checkFields(options, "createTestMesh", FIELDS);
  const { server, servers, replicas } = options;
  for (const [field, value] of Object.entries({ servers, replicas })) {
    if (value === undefined || value === 1 || value === 3) continue;
    throw invalidArgument({ field, received: value, expected: "1 or 3" });
  }
  if (server === undefined) return;
  for (const field of ["servers", "binary", "extraConfig"] as const) {
    if (options[field] === undefined) continue;
    throw invalidArgument({
      field,
      received: options[field],
      expected: "nothing beside server",
      fix: "It is for servers of the mesh's own, and this one shares a running server.",
    });
  }
}
