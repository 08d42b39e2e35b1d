import { expect, test } from "vitest";
import { checkReceipt } from "./check-receipt.ts";

const tasks = (storage: "file" | "memory", replicas: number) =>
  ({ name: "UMBEL_TASKS", action: "unchanged", storage, replicas }) as const;
const always = { serverId: "s", sync: { kind: "always" } } as const;
const everySecond = { serverId: "s", sync: { kind: "interval", ms: 1_000 } } as const;

test("what an acknowledgement is worth goes by copies, storage and how often the disk is written", () => {
  expect(checkReceipt(undefined, always)).toEqual([]);
  expect(checkReceipt(tasks("memory", 3), always)).toMatchObject([{ status: "warn" }]);
  expect(checkReceipt(tasks("file", 1), everySecond)).toMatchObject([
    {
      status: "ok",
      message:
        "a run that was acknowledged survives a restart of its server, not the loss of its disk; a power cut may cost the last 1 s",
    },
  ]);
  expect(checkReceipt(tasks("file", 3), always)).toMatchObject([
    {
      message: expect.stringMatching(/loss of one server; a power cut of all servers at once costs nothing$/),
    },
  ]);
  expect(checkReceipt(tasks("file", 5), undefined)).toMatchObject([
    { message: expect.stringMatching(/2 servers at once; what a power cut .* costs is not known$/) },
  ]);
});
