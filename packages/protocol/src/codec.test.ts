import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode } from "./codec.ts";
import { MAX_BIGINT_LENGTH, MAX_DEPTH } from "./codec-rules.ts";

const notEncodable = (message: RegExp): unknown =>
  expect.objectContaining({
    name: "UmbelError",
    code: "not_encodable",
    message: expect.stringMatching(message),
  });

describe("a value keeps its type and content on the wire", () => {
  const text = fc.string({ unit: "binary" });
  const scalar = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double().map((value) => value + 0), // -0 arrives as 0
    text,
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
  );
  const { value: anyValue } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      scalar,
      fc.array(tie("value")),
      fc.dictionary(
        text.filter((key) => key !== "__proto__"),
        tie("value"),
        { noNullPrototype: true },
      ),
      fc.array(fc.tuple(tie("value"), tie("value"))).map((entries) => new Map(entries)),
      fc.array(tie("value")).map((items) => new Set(items)),
    ),
  }));

  test("for any plain data", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(decode(encode(value))).toStrictEqual(value);
      }),
    );
  });

  test("for integers at every edge between two formats", () => {
    const edges = [0, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0xffffffff, 0x100000000, 2 ** 53 - 1];
    const around = edges.flatMap((edge) => [edge, -edge - 1, -edge]).filter(Number.isSafeInteger);
    for (const value of around) expect(decode(encode(value))).toBe(value + 0);
  });

  test("for texts, bytes, arrays, maps, Maps and Sets of lengths on both sides of every format's limit", () => {
    for (const length of [0, 1, 15, 16, 31, 32, 255, 256, 65_536]) {
      const numbers = Array.from({ length }, (_, index) => index);
      const values = [
        "x".repeat(length),
        new Uint8Array(length),
        numbers,
        Object.fromEntries(numbers.map((number) => [`key${number}`, number])),
        new Map(numbers.map((number) => [number, number])),
        new Set(numbers),
      ];
      for (const value of values) expect(decode(encode(value))).toEqual(value);
    }
  });

  test("for the first and the last Date that there is, and those before 1970", () => {
    for (const ms of [-8.64e15, -1, -1_001, 0, 1, 2 ** 32 * 1000, 2 ** 34 * 1000 + 7, 8.64e15]) {
      expect(decode(encode(new Date(ms)))).toStrictEqual(new Date(ms));
    }
  });

  test("for bigints of any size that is allowed", () => {
    for (const value of [0n, -1n, 2n ** 64n, -(10n ** 9_000n)]) expect(decode(encode(value))).toBe(value);
  });

  test("for Maps whose keys are arrays, Maps and Dates", () => {
    const value = new Map<unknown, unknown>([
      [["a", "b"], 1],
      [new Map([[1, 2]]), 2],
      [new Date(5), 3],
    ]);
    expect(decode(encode(value))).toStrictEqual(value);
  });
});

describe("what has no form of its own on the wire", () => {
  test("an undefined property is absent", () => {
    expect(decode(encode({ a: undefined, b: 1 }))).toStrictEqual({ b: 1 });
    expect(encode({ a: undefined })).toEqual(encode({}));
  });

  test("any other undefined is null", () => {
    expect(decode(encode(undefined))).toBeNull();
    expect(decode(encode([undefined, 1]))).toStrictEqual([null, 1]);
    expect(decode(encode(new Map([["a", undefined]])))).toStrictEqual(new Map([["a", null]]));
  });

  test("a class instance travels as its own fields and is not revived", () => {
    class Point {
      readonly x = 1;
      get double(): number {
        return this.x * 2;
      }
    }
    const read = decode(encode(new Point()));
    expect(read).toStrictEqual({ x: 1 });
    expect(read).not.toBeInstanceOf(Point);
  });

  test("other views of bytes travel as their bytes", () => {
    const words = new Uint16Array([0x0201, 0x0403]);
    expect(decode(encode(words))).toEqual(new Uint8Array(words.buffer));
    expect(decode(encode(new DataView(words.buffer, 1, 2)))).toEqual(new Uint8Array(words.buffer, 1, 2));
    expect(decode(encode(Buffer.from("abc")))).toEqual(new Uint8Array([97, 98, 99]));
  });
});

describe("encode refuses what would be lost or could not be read back", () => {
  const cyclic: unknown[] = [];
  cyclic.push([cyclic]);
  const cyclicMap = new Map<unknown, unknown>();
  cyclicMap.set("self", [cyclicMap, cyclicMap]);
  const cyclicSet = new Set<unknown>();
  cyclicSet.add(cyclicSet);
  const cyclicObject: { self?: unknown } = {};
  cyclicObject.self = { inside: cyclicObject };

  test.each([
    ["a function", () => 1, /holds a function/],
    ["a named function", { run: function work(): void {} }, /function work/],
    ["a class", [class Job extends Map {}], /function Job/],
    ["a symbol", Symbol("x"), /Symbol/],
    ["a Promise, with the advice to await it", { user: Promise.resolve(1) }, /Promise: await it first/],
    ["an ArrayBuffer, with the advice to wrap it", new ArrayBuffer(4), /wrap it in a Uint8Array/],
    ["a SharedArrayBuffer", [new SharedArrayBuffer(4)], /wrap it in a Uint8Array/],
    ["an invalid Date", { at: new Date(Number.NaN) }, /invalid Date/],
    ["a key named __proto__", JSON.parse('{"a":{"__proto__":1}}'), /__proto__/],
    ["a bigint that is too long", 10n ** BigInt(MAX_BIGINT_LENGTH), /10000 digits/],
    ["an array that holds itself", cyclic, /refers to itself/],
    ["an object that holds itself", cyclicObject, /refers to itself/],
    ["a Map that holds itself", cyclicMap, /refers to itself/],
    ["a Set that holds itself", cyclicSet, /refers to itself/],
  ])("%s", (_, value, message) => {
    expect(() => encode(value)).toThrow(notEncodable(message));
  });

  test("also inside Maps and Sets, and names what was to be sent", () => {
    const values = [new Map([["f", encode]]), new Map([[encode, 1]]), new Set([encode])];
    for (const value of values) {
      expect(() => encode(value, "input of media.thumbnail")).toThrow(
        notEncodable(/^input of media\.thumbnail cannot be sent: it holds a function/),
      );
    }
  });

  test("and keeps the cause when a getter throws, whatever it throws", () => {
    for (const thrown of [new Error("no"), "no", Object.create(null), undefined]) {
      const value = {
        get field(): unknown {
          throw thrown;
        },
      };
      expect(() => encode(value)).toThrow(
        expect.objectContaining({ code: "not_encodable", cause: thrown, details: { field: "value" } }),
      );
    }
  });

  test("and works again afterwards", () => {
    expect(() => encode(new Map([["a", new Map([["b", encode]])]]))).toThrow(notEncodable(/function/));
    const deep = nest(MAX_DEPTH - 1, (inner) => new Set([inner]));
    expect(decode(encode(deep))).toStrictEqual(deep);
  });
});

describe("values may nest to MAX_DEPTH", () => {
  test.each<[string, number, (inner: unknown) => unknown]>([
    ["arrays", 1, (inner) => [inner]],
    ["objects", 1, (inner) => ({ inner })],
    ["Maps", 1, (inner) => new Map([["inner", inner]])],
    ["keys of Maps", 1, (inner) => new Map([[inner, "inner"]])],
    ["Sets", 1, (inner) => new Set([inner])],
    ["Maps in arrays", 2, (inner) => [new Map([["inner", inner]])]],
    ["objects in Sets", 2, (inner) => new Set([{ inner }])],
  ])("%s", (_, levels, wrap) => {
    const times = Math.floor((MAX_DEPTH - 1) / levels);
    const deepest = nest(times, wrap);
    expect(decode(encode(deepest))).toStrictEqual(deepest);
    expect(() => encode(nest(times + 1, wrap))).toThrow(notEncodable(/nests deeper than 100/));
  });
});

function nest(times: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = null;
  for (let count = 0; count < times; count++) value = wrap(value);
  return value;
}
