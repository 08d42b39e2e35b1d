import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode } from "./codec.ts";
import { EXTENSION_TYPES, MAX_BIGINT_LENGTH, MAX_DEPTH } from "./codec-rules.ts";
import { UmbelError } from "./umbel-error.ts";

const run = promisify(execFile);

const undecodable = (message: RegExp): unknown =>
  expect.objectContaining({
    name: "UmbelError",
    code: "undecodable",
    message: expect.stringMatching(message),
  });

const OUTCOMES = ["read", "refused"];

/** What decoding came to. Any error but `undecodable` fails the test. */
function outcomeOf(bytes: Uint8Array): "read" | "refused" {
  try {
    decode(bytes);
    return "read";
  } catch (error) {
    if (UmbelError.is(error, "undecodable")) return "refused";
    throw error;
  }
}

const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));

const sample = encode({
  text: "grüße",
  numbers: [1, -1, 1.5, 2 ** 40, -(2 ** 40), 300, -300, 70_000, -70_000],
  bytes: new Uint8Array(20),
  when: new Date(1.5e12),
  big: 10n ** 30n,
  map: new Map<unknown, unknown>([["a", new Set([null, true, "x".repeat(40)])]]),
});

describe("decode throws UmbelError undecodable and nothing else", () => {
  test("for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(OUTCOMES).toContain(outcomeOf(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  test("for every beginning of a valid message", () => {
    for (let length = 0; length < sample.length; length++) {
      expect(() => decode(sample.subarray(0, length))).toThrow(undecodable(/too early/));
    }
  });

  test("for a valid message with any byte changed to any other", () => {
    fc.assert(
      fc.property(fc.nat({ max: sample.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = sample.slice();
        bytes[at] = (bytes[at] ?? 0) ^ change;
        expect(OUTCOMES).toContain(outcomeOf(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  test("for every head byte followed by every length of rest", () => {
    for (let head = 0; head < 256; head++) {
      for (const fill of [0x00, 0x01, 0x02, 0x90, 0xff]) {
        const bytes = new Uint8Array(20).fill(fill);
        bytes[0] = head;
        const outcomes = bytes
          .subarray(1)
          .map((_, index) => OUTCOMES.indexOf(outcomeOf(bytes.subarray(0, index + 1))));
        expect(outcomes).not.toContain(-1);
      }
    }
  });

  test("and whatever it does read can be sent on", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        fc.pre(outcomeOf(bytes) === "read");
        expect(outcomeOf(encode(decode(bytes)))).toBe("read");
      }),
    );
  });

  test("naming what was to be read, and how long it was", () => {
    expect(() => decode(new Uint8Array(3), "result")).toThrow(
      expect.objectContaining({
        message: "result is not readable MessagePack (3 bytes): 2 bytes follow the value",
        details: { field: "result", bytes: 3 },
      }),
    );
  });
});

describe("decode refuses", () => {
  test.each([
    ["nothing at all", "", /too early/],
    ["more than one value", "01 02", /1 bytes follow/],
    ["the byte that begins no value", "c1", /0xc1/],
    ["an unsigned integer that a number cannot hold", "cf 0020000000000000", /bigint/],
    ["a negative integer that a number cannot hold", "d3 ffe0000000000000", /bigint/],
    ["an extension of another protocol", "d4 09 01", /extension type 9 is not known/],
    ["an extension of MessagePack's own that is not known", "d4 fe 01", /extension type -2 is not known/],
    ["a timestamp of a wrong length", "c7 05 ff 0000000000", /timestamp/],
    ["a timestamp beyond what a Date can hold", "c7 0c ff 00000000 7fffffffffffffff", /invalid Date/],
    ["a bigint that is no number", "c7 03 01 312e33", /decimal digits/],
    ["a bigint without digits", "c7 00 01", /decimal digits/],
    ["a bigint that is not UTF-8", "d5 01 ffff", /./],
    ["a Map that is not an array", "d4 02 01", /a Map must hold an array/],
    ["a Map that is a map", "d4 02 80", /a Map must hold an array/],
    ["a Set that is a text", "d5 03 a161", /a Set must hold an array/],
    ["a Set that is nothing", "c7 00 03 90", /one array and no more/],
    ["a Map with a key and no value", "d5 02 9101", /as many values as keys/],
    ["a Set with more bytes than its array", "d5 03 9001", /one array and no more/],
    ["a Set whose array goes on behind it", "d4 03 91 01", /one array and no more/],
    ["a key named __proto__", "81 a9 5f5f70726f746f5f5f 80", /__proto__/],
    ["a key that is neither text nor number", "81 90 01", /key/],
  ])("%s", (_, hex, message) => {
    expect(() => decode(fromHex(hex))).toThrow(undecodable(message));
  });

  test("a bigint whose digits would take long to read", () => {
    const length = MAX_BIGINT_LENGTH + 1;
    const bytes = new Uint8Array(4 + length).fill(0x39);
    bytes.set([0xc8, length >> 8, length & 0xff, EXTENSION_TYPES.bigint]);
    expect(() => decode(bytes)).toThrow(undecodable(/10000 digits/));
  });
});

test("decode reads what other encoders write: wide formats of small values, and numbers as keys", () => {
  const hex = "df 00000002 01 cf 0000000000000005 db 00000001 61 d3 001fffffffffffff";
  expect(decode(fromHex(hex))).toStrictEqual({ 1: 5, a: Number.MAX_SAFE_INTEGER });
  expect(decode(fromHex("d3 ffe0000000000001"))).toBe(Number.MIN_SAFE_INTEGER);
  expect(decode(fromHex("c9 00000007 03 dd 00000002 01 02"))).toStrictEqual(new Set([1, 2]));
  expect(decode(fromHex("c8 0005 02 dc 0002 01 02"))).toStrictEqual(new Map([[1, 2]]));
});

describe("nesting bombs are refused", () => {
  const LEVELS = 200_000;

  test.each([
    ["arrays", [0x91]],
    ["maps", [0x81, 0xa0]],
    ["maps as keys", [0x81]],
    ["arrays of 32 bits", [0xdd, 0, 0, 0, 1]],
  ])("of %s, whole or cut off", (_, level) => {
    const bytes = Uint8Array.from(
      { length: LEVELS * level.length },
      (_value, at) => level[at % level.length] ?? 0,
    );
    expect(() => decode(bytes)).toThrow(undecodable(/nests deeper than 100/));
    const whole = new Uint8Array([...bytes, 0xc0]);
    expect(() => decode(whole)).toThrow(undecodable(/nests deeper than 100/));
  });

  test("of Sets and Maps inside one another", () => {
    for (const type of [EXTENSION_TYPES.set, EXTENSION_TYPES.map]) {
      const inner = type === EXTENSION_TYPES.set ? [0x91] : [0x92, 0xc0];
      const head = 6 + inner.length;
      const bytes = new Uint8Array(2_000 * head + 1);
      const view = new DataView(bytes.buffer);
      for (let at = 0; at + head < bytes.length; at += head) {
        bytes.set([0xc9, 0, 0, 0, 0, type, ...inner], at);
        view.setUint32(at + 1, bytes.length - at - 6);
      }
      expect(() => decode(bytes)).toThrow(undecodable(/nests deeper than 100/));
    }
  });

  test("but the deepest value that is allowed is read", () => {
    const bytes = new Uint8Array(MAX_DEPTH).fill(0x91);
    bytes[MAX_DEPTH - 1] = 0x90;
    expect(outcomeOf(bytes)).toBe("read");
    expect(outcomeOf(new Uint8Array([0x91, ...bytes]))).toBe("refused");
  });
});

describe("a short message that declares a huge length costs nothing", () => {
  const HUGE = ["ffffffff", "01fffffe", "00ffffff"];
  const heads = { string: "db", bytes: "c6", array: "dd", map: "df", extension: "c9" };
  const bombs = Object.entries(heads).flatMap(([name, head]) =>
    HUGE.map((length) => [`${name} of 0x${length}`, `${head}${length}`.repeat(4)] as const),
  );

  // In a process of its own: whoever believes those lengths dies there.
  test("decode refuses each of them within a heap of 32 MB", async () => {
    const messages = bombs.map(([, hex]) => hex);
    const code = `
      import { decode } from ${JSON.stringify(new URL("codec.ts", import.meta.url).href)};
      const outcomes = process.argv.slice(1).map((hex) => {
        try { return String(decode(Buffer.from(hex, "hex"))); } catch (error) { return error.code; }
      });
      console.log(JSON.stringify(outcomes));`;
    const options = ["--max-old-space-size=32", "--input-type=module", "--eval", code, "--"];
    const { stdout } = await run(process.execPath, [...options, ...messages]);
    expect(JSON.parse(stdout)).toEqual(messages.map(() => "undecodable"));
  });
});
