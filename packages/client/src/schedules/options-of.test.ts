import { exponential, encodeDefinition } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { mergeOptions, optionsOf } from "./options-of.ts";
import { resolveSchedule } from "./resolve-schedule.ts";
import type { NamedScheduleOptions } from "./schedule-options.ts";

const MAX_PAYLOAD = 1_048_576;
const common = { task: "mail.night", input: { town: "Hue" } } as const;

describe("the options of a definition", () => {
  const everything: NamedScheduleOptions = {
    ...common,
    cron: "0 22 * * *",
    timeZone: "Europe/Paris",
    dst: { gap: "skip", repeat: "last" },
    start: "2026-01-01T00:00:00Z",
    end: new Date("2030-01-01T00:00:00Z"),
    catchUp: "all",
    catchUpLimit: 5,
    overlap: "queue",
    expires: "1h",
    jitter: "10s",
    maxRuns: 3,
    description: "every night",
    queue: "mail",
    key: "k",
    onRetry: "allow-reorder",
    retry: { maxAttempts: 7, backoff: exponential({ base: "1s" }), maxElapsed: "1h" },
    timeout: "30s",
    deadline: "2h",
    resultTtl: "1d",
    ignoreResult: false,
    headers: { tenant: "acme" },
    tags: ["a", "b"],
  };

  test.each([
    ["with everything", everything],
    ["of an interval", { ...common, every: "5m" }],
    ["of a moment", { ...common, at: "2030-01-01T00:00:00Z", priority: "high" }],
    ["of the sun", { ...common, solar: { event: "sunset", latitude: 48.85, longitude: 2.35 } }],
  ] as const)("%s give that definition", async (_, options) => {
    const definition = await resolveSchedule(options, MAX_PAYLOAD);
    const again = await resolveSchedule(optionsOf(definition), MAX_PAYLOAD);
    expect(encodeDefinition(again)).toEqual(encodeDefinition(definition));
  });
});

describe("changes", () => {
  const cron = { ...common, cron: "@daily", timeZone: "Europe/Paris", dst: { gap: "skip" } } as const;

  test("leave what they do not name", () => {
    expect(mergeOptions(cron, { overlap: "skip" })).toEqual({ ...cron, overlap: "skip" });
  });

  test("of the expression keep the zone, and let its clocks be as fits it", () => {
    expect(mergeOptions(cron, { cron: "@hourly" })).toEqual({
      ...common,
      cron: "@hourly",
      timeZone: "Europe/Paris",
    });
  });

  test("to times of another kind take the place of all of them", () => {
    expect(mergeOptions(cron, { every: "1h" })).toEqual({ ...common, every: "1h" });
    expect(mergeOptions({ ...common, every: "1h" }, { cron: "@daily" })).toEqual({
      ...common,
      cron: "@daily",
    });
  });
});

test("a schedule whose runs could not be enqueued is refused when it is put", async () => {
  const headers = Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`h${index}`, "x"]));
  await expect(resolveSchedule({ ...common, cron: "@daily", headers }, MAX_PAYLOAD)).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining("at most 32 headers"),
  });
});
