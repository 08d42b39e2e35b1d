import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Write a program that says it is a nats-server of that version and does nothing else. */
export async function writeFakeServer(path: string, version: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho "nats-server: v${version}"\n`, { mode: 0o755 });
  return path;
}
