import { expect, test } from "vitest";
import { type LocalServerOptions, checkServerOptions } from "./server-options.ts";

test.each<LocalServerOptions>([
  {},
  { port: 4222, monitor: 8222, serverName: "one", syncInterval: "always", startTimeoutMs: 1 },
  { monitor: true, syncInterval: "1m30s" },
])("%j is accepted", (options) => {
  expect(() => checkServerOptions(options)).not.toThrow();
});

test.each<[string, LocalServerOptions]>([
  ["port", { port: 0 }],
  ["port", { port: 70_000 }],
  ["monitor", { monitor: 1.5 }],
  ["serverName", { serverName: "a b" }],
  ["syncInterval", { syncInterval: "often" }],
  ["startTimeoutMs", { startTimeoutMs: Number.NaN }],
])("%s is named when it is not acceptable: %j", (field, options) => {
  expect(() => checkServerOptions(options)).toThrow(
    expect.objectContaining({ code: "invalid_argument", details: expect.objectContaining({ field }) }),
  );
});
