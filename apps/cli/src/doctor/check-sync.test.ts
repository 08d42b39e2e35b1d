import { expect, test } from "vitest";
import { checkSync } from "./check-sync.ts";

const here = { serverId: "S1", replicas: 1 };
const every = (ms: number) => ({ serverId: "S1", sync: { kind: "interval", ms } }) as const;

test("without monitoring nobody knows", () => {
  expect(checkSync(undefined, here)).toMatchObject({
    status: "skip",
    advice: expect.stringContaining("--monitor"),
  });
});

test("how often a server writes is told with what that means", () => {
  expect(checkSync({ serverId: "S1", sync: { kind: "always" } }, here)).toMatchObject({
    status: "ok",
    message: "before each acknowledgement: survives a power cut",
  });
  expect(checkSync(every(1_000), here)).toMatchObject({
    status: "ok",
    message: "every 1 s: a power cut may lose what was acknowledged since",
  });
});

test("rarely is a warning, unless other servers have copies", () => {
  expect(checkSync(every(120_000), here).status).toBe("warn");
  expect(checkSync(every(120_000), { ...here, replicas: 3 })).toMatchObject({
    status: "ok",
    message: expect.stringContaining("of all servers at once"),
  });
});

test("another server's monitoring is told apart", () => {
  expect(checkSync(every(1_000), { ...here, serverId: "S2" }).message).toContain("another one");
});
