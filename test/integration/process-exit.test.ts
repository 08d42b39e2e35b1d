import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createTestMesh } from "@umbel/testing";
import { expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { shareServer } from "../helpers/shared-server.ts";

const shared = shareServer();
const program = fileURLToPath(new URL("../helpers/short-program.ts", import.meta.url));

/** Run a program that nothing but itself ends; resolves to what it says and how it ends. */
async function runProgram(...args: readonly string[]): Promise<{ code: unknown; said: string }> {
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), 40_000);
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  const [code]: unknown[] = await once(child, "close");
  clearTimeout(timer);
  return { code, said };
}

test.each(["client", "worker", "threads", "failed-start"])(
  "a program ends by itself once its %s is closed: no timer, socket or listener is left",
  async (part) => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const { code, said } = await runProgram(part, mesh.url, mesh.name, journal.path);
    expect({ code, said: said.trim() }).toEqual({ code: 0, said: `closed ${part}` });
  },
);
