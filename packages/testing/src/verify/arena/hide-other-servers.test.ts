import { expect, test } from "vitest";
import { hideOtherServers } from "./hide-other-servers.ts";

const info = (urls: string): string => `INFO {"server_id":"A",${urls}"max_payload":1048576}\r\nPING\r\n`;

test("the addresses of other servers are gone, and as many bytes are left", () => {
  const text = info('"connect_urls":["10.0.0.1:4222","10.0.0.2:4222"],');
  const hidden = hideOtherServers(Buffer.from(text)).toString();
  expect(hidden).toHaveLength(text.length);
  expect(hidden).not.toContain("10.0.0");
  const json: unknown = JSON.parse(hidden.slice("INFO ".length, hidden.indexOf("\r\n")));
  expect(json).toEqual({ server_id: "A", connect_urls: [], max_payload: 1_048_576 });
  expect(hidden.endsWith("}\r\nPING\r\n")).toBe(true);
});

test("what else is said stays as it is", () => {
  const message = Buffer.from('MSG x 1 40\r\nINFO {"connect_urls":["10.0.0.1:4222"]}\r\n');
  expect(hideOtherServers(message)).toBe(message);
  const alone = Buffer.from(info(""));
  expect(hideOtherServers(alone).equals(alone)).toBe(true);
});
