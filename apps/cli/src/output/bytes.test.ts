import { expect, test } from "vitest";
import { formatBytes } from "./bytes.ts";

test.each([
  [0, "0 bytes"],
  [1_023, "1023 bytes"],
  [1_536, "1.5 kB"],
  [8_388_608, "8 MB"],
  [3 * 1_024 ** 4, "3 TB"],
  [3 * 1_024 ** 5, "3072 TB"],
])("%d bytes are %j", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
