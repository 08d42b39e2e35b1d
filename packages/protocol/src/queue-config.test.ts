import { describe, expect, test } from "vitest";
import { encode } from "./codec.ts";
import {
  DEFAULT_QUEUE_CONFIG,
  decodeQueueConfig,
  encodeQueueConfig,
  isPaused,
  type QueueConfig,
} from "./queue-config.ts";

const NOW = 1_795_460_800_000;

describe("the definition of a queue", () => {
  test.each<QueueConfig>([
    DEFAULT_QUEUE_CONFIG,
    { version: 7, lanes: 3, widest: 32, keyed: true },
    { ...DEFAULT_QUEUE_CONFIG, paused: { at: NOW } },
    { ...DEFAULT_QUEUE_CONFIG, paused: { at: NOW, until: NOW + 1, reason: "why", by: "who" } },
  ])("is read back as it was written: %j", (config) => {
    expect(decodeQueueConfig(encodeQueueConfig(config))).toStrictEqual(config);
  });

  test("may say more than this version knows", () => {
    const bytes = encode({ ...DEFAULT_QUEUE_CONFIG, later: true }, "definition");
    expect(decodeQueueConfig(bytes)).toStrictEqual(DEFAULT_QUEUE_CONFIG);
  });

  test.each([
    null,
    [],
    {},
    { ...DEFAULT_QUEUE_CONFIG, lanes: 0 },
    { ...DEFAULT_QUEUE_CONFIG, widest: 33 },
    { ...DEFAULT_QUEUE_CONFIG, version: "1" },
    { ...DEFAULT_QUEUE_CONFIG, paused: true },
    { ...DEFAULT_QUEUE_CONFIG, paused: {} },
  ])("is not %j", (value) => {
    expect(() => decodeQueueConfig(encode(value, "definition"))).toThrow(
      expect.objectContaining({ code: "undecodable" }),
    );
  });
});

test("a queue is paused until its pause ends", () => {
  expect(isPaused({}, NOW)).toBe(false);
  expect(isPaused({ paused: { at: NOW } }, NOW + 1e12)).toBe(true);
  expect(isPaused({ paused: { at: NOW, until: NOW + 5 } }, NOW + 4)).toBe(true);
  expect(isPaused({ paused: { at: NOW, until: NOW + 5 } }, NOW + 5)).toBe(false);
});
