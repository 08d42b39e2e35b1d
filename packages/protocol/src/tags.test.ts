import { describe, expect, test } from "vitest";
import { decodeRunRecord, encodeRunRecord, type OutcomeRecord } from "./run-record.ts";
import { formatRunHeader, parseRunHeader, type RunMeta } from "./run-header.ts";
import { checkTag, checkTags, MAX_TAG_LENGTH, MAX_TAGS } from "./tags.ts";

const META: RunMeta = { task: "t", enqueuedAt: 1, origin: "o", attempt: 1, verify: false };
const SUCCESS: OutcomeRecord = {
  state: "succeeded",
  task: "t",
  queue: "q",
  worker: "w",
  attempt: 1,
  starts: 1,
  at: 9,
  errors: [],
  fence: 0,
  enqueuedAt: 1,
  startedAt: 5,
};

describe("tags", () => {
  test.each(["a", "Größe 7", "a;b=c,d.e", "\r\nNats-Rollup: all", "😀".repeat(MAX_TAG_LENGTH), "*", "="])(
    "%j is one, and travels in the header of a run",
    (tag) => {
      expect(checkTags([tag])).toEqual([tag]);
      const header = formatRunHeader({ ...META, tags: [tag, "z"] });
      expect(header).toMatch(/^[\x20-\x7e]+$/);
      expect(parseRunHeader(header).tags).toEqual([tag, "z"]);
    },
  );

  test.each([
    ["no array", "import", /^tags: expected an array/],
    ["an empty one", [""], /^tags\[0\]: expected text of 1 to 64/],
    ["a long one", ["ok", "x".repeat(MAX_TAG_LENGTH + 1)], /^tags\[1\]/],
    ["a long one of large characters", ["😀".repeat(MAX_TAG_LENGTH + 1)], /^tags\[0\]/],
    ["half a character", ["\uD800"], /^tags\[0\]/],
    ["a number", [5], /^tags\[0\]/],
    ["too many", Array.from({ length: MAX_TAGS + 1 }, (_, index) => `t${index}`), /received "17 tags"/],
  ])("are refused: %s", (_, tags, message) => {
    expect(() => checkTags(tags)).toThrow(
      expect.objectContaining({ code: "invalid_argument", message: expect.stringMatching(message) }),
    );
  });

  test("that are named twice count once", () => {
    expect(checkTags(Array.from({ length: 20 }, () => "same"))).toEqual(["same"]);
    expect(checkTag("same")).toBe("same");
  });
});

describe("a record", () => {
  test("keeps its tags, of a plain success too", () => {
    const record = { ...SUCCESS, tags: ["a", "ü"] };
    expect(decodeRunRecord(encodeRunRecord(record))).toEqual(record);
  });

  test("without tags, or with something else in their place, has none", () => {
    expect(decodeRunRecord(encodeRunRecord(SUCCESS))).not.toHaveProperty("tags");
    for (const tags of [[], [1], "a"]) {
      const odd: OutcomeRecord = Object.assign({}, SUCCESS, { tags });
      expect(decodeRunRecord(encodeRunRecord(odd))).not.toHaveProperty("tags");
    }
  });
});
