import { describe, expect, test } from "vitest";
import { readPublishReply } from "./publish-reply.ts";

describe("what was stored", () => {
  test.each([
    ['{"stream":"UMBEL_TASKS","seq":7}', 7],
    ['{"stream":"UMBEL_TASKS", "seq":12345678901, "duplicate": true}', 12_345_678_901],
    ['{"stream":"seq","domain":"seq","seq":42}', 42],
    ['{"stream":"A","seq":9007199254740991,"batch":"x","count":3}', Number.MAX_SAFE_INTEGER],
  ])("%s is the sequence %i", (text, sequence) => {
    expect(readPublishReply(reply(text))).toBe(sequence);
  });
});

describe("what was refused", () => {
  test("is an error by its number, with the server's words", () => {
    const text =
      '{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 3"},"stream":"A","seq":0}';
    expect(readPublishReply(reply(text))).toMatchObject({
      code: "conflict",
      details: { apiCode: 10071, description: "wrong last sequence: 3" },
    });
  });

  test("by nobody at all is broker_unavailable, with the status", () => {
    expect(readPublishReply(reply("", 503))).toMatchObject({
      code: "broker_unavailable",
      details: { status: 503 },
    });
  });

  test.each(["{}", "[]", "null", '{"error":null}', '{"error":{}}', "7", "no JSON", "{", "\0"])(
    "by %j, which no server says, is broker_error",
    (text) => {
      expect(readPublishReply(reply(text))).toMatchObject({ code: "broker_error" });
    },
  );
});

function reply(text: string, code?: number): Parameters<typeof readPublishReply>[0] {
  const data = Buffer.from(text);
  return code === undefined ? { data } : { data, headers: { code } };
}
