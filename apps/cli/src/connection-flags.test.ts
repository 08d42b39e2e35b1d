import { expect, test } from "vitest";
import { connectionOptions, wantsJson } from "./connection-flags.ts";

test("a flag wins over the environment, which wins over the default", () => {
  const env = { UMBEL_SERVER: "nats://env:4222", UMBEL_MESH: "from-env", UMBEL_USER: "" };
  expect(connectionOptions({ server: "nats://flag:4222" }, env)).toEqual({
    servers: "nats://flag:4222",
    mesh: "from-env",
  });
  expect(connectionOptions({}, {})).toEqual({});
});

test("every option of a connection has a variable", () => {
  const env = {
    UMBEL_CREDS: "c",
    UMBEL_USER: "u",
    UMBEL_PASSWORD: "p",
    UMBEL_TOKEN: "t",
    UMBEL_INBOX_PREFIX: "_INBOX_a",
  };
  const expected = { creds: "c", user: "u", password: "p", token: "t", inboxPrefix: "_INBOX_a" };
  expect(connectionOptions({}, env)).toEqual(expected);
});

test.each([
  [{}, undefined, false],
  [{ json: true }, undefined, true],
  [{}, "1", true],
  [{}, "true", true],
  [{}, "0", false],
  [{}, "false", false],
  [{}, "", false],
])("flags %j with UMBEL_JSON=%s: JSON is %s", (flags, variable, json) => {
  expect(wantsJson(flags, variable === undefined ? {} : { UMBEL_JSON: variable })).toBe(json);
});
