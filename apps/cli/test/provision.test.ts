import { readFileSync } from "node:fs";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { umbel, type Finished } from "./helpers/umbel.ts";

const PERMISSIONS = readFileSync(new URL("../../../deploy/nats/permissions.conf", import.meta.url), "utf8");

let server: LocalServer;

beforeAll(async () => {
  server = await startServer({ extraConfig: PERMISSIONS });
});

afterAll(async () => {
  await server?.stop();
});

function provision(user: string, ...flags: readonly string[]): Promise<Finished> {
  const env = { UMBEL_USER: user, UMBEL_PASSWORD: `change-me-${user}`, UMBEL_INBOX_PREFIX: `_INBOX_${user}` };
  return umbel(["provision", "--server", server.url, ...flags], { env });
}

test("umbel provision makes what is missing, with an operator's rights, and tells what it changed", async () => {
  expect(await provision("worker")).toMatchObject({
    code: 1,
    err: expect.stringContaining("STREAM.CREATE"),
  });
  const first = await provision("operator", "--queues", "media");
  expect(first).toMatchObject({ code: 0, err: "" });
  expect(first.out).toMatch(/^created {2}stream {4}UMBEL_TASKS\n/);
  expect(first.out).toMatch(/^created {2}consumer {2}media_n$/m);
  expect(first.out).not.toContain("unchanged");
  const again = await provision("operator", "--queues", "media,mail", "--ack-wait", "30s");
  expect(again.out).toMatch(/^unchanged {2}stream {4}UMBEL_TASKS\n/);
  expect(again.out).toMatch(/^created {4}consumer {2}mail_n$/m);
  expect(again.out).toMatch(/^unchanged {2}consumer {2}media_n$/m);
  const other = await provision("operator", "--queues", "media", "--ack-wait", "10s", "--json");
  expect(other.out).toContain('{"name":"media_h","kind":"consumer","action":"updated"}');
  expect((await provision("operator", "--queues", "a b")).code).toBe(2);
});
