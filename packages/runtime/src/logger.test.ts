import { expect, test, vi } from "vitest";
import { silentLogger } from "./logger.ts";

test("the silent logger writes nothing, nor do its children", () => {
  const writes = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
  for (const logger of [silentLogger, silentLogger.child({ worker: "w1" })]) {
    logger.debug({}, "debug");
    logger.info({}, "info");
    logger.warn({}, "warn");
    logger.error({ error: new Error("x") }, "error");
  }
  expect(writes.map((write) => write.mock.calls.length)).toEqual([0, 0]);
  for (const write of writes) write.mockRestore();
});
