import { decode, defineTask, encode, type Task } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { handle, type HandlerFunction } from "../handler.ts";
import { callHandler } from "./handler-call.ts";

const width = z.string().transform(Number).pipe(z.int());
const bytes = z.array(z.int()).transform((all) => all.length);
const thumbnail = defineTask({ name: "media.thumbnail", input: width, output: bytes });
const later = defineTask({
  name: "later",
  input: z.string().transform(async (text) => text.length),
  output: z.number().transform(async (length) => `${length}`),
});
const plain = defineTask<number, number>({ name: "plain" });

/** Call a handler of `task` with `input` as it arrives, and give back the bytes that it comes to. */
function call<Input, Output, Parsed, Returned>(
  task: Task<Input, Output, Parsed, Returned>,
  execute: HandlerFunction<Parsed, Returned>,
  body: Uint8Array | { readonly ignored: Uint8Array },
): Promise<Uint8Array> {
  const context = { runId: "run-1" };
  const [input, ignoreResult] = body instanceof Uint8Array ? [body, false] : [body.ignored, true];
  return Reflect.apply(callHandler, undefined, [
    { handler: handle(task, execute), ignoreResult },
    input,
    context,
  ]);
}

describe("a handler", () => {
  test("gets its input and its context, and its result is stored", async () => {
    const seen: unknown[] = [];
    const result = call(plain, (...all) => seen.push(...all), encode(5));
    expect(decode(await result)).toBe(2);
    expect(seen).toEqual([5, { runId: "run-1" }]);
  });

  test("gets what its schema makes of the input; callers get what it makes of the result", async () => {
    const result = await call(thumbnail, (pixels) => [pixels, pixels * 2], encode("200"));
    expect(decode(result)).toBe(2);
  });

  test("may have schemas and results that take their time", async () => {
    const result = await call(later, async (length) => length * 2, encode("abc"));
    expect(decode(result)).toBe("6");
  });

  test("that returns nothing has no result, one that returns null has", async () => {
    expect(await call(defineTask({ name: "t" }), () => undefined, encode(1))).toHaveLength(0);
    expect(decode(await call(defineTask({ name: "t" }), () => null, encode(1)))).toBeNull();
  });

  test("whose result is ignored has none, and may return what could not be kept", async () => {
    expect(await call(plain, (value) => value, { ignored: encode(1) })).toHaveLength(0);
    expect(await call(thumbnail, () => [0.5], { ignored: encode("1") })).toHaveLength(0);
    expect(await call(defineTask({ name: "t" }), () => () => 1, { ignored: encode(1) })).toHaveLength(0);
  });

  test.each([
    ["undecodable", new Uint8Array([0xc1]), /^input of media\.thumbnail is not readable/],
    ["schema_violation", encode("wide"), /^input of media\.thumbnail does not fit/],
  ])("is not called with an input that is %s", async (code, body, message) => {
    const inputs: number[] = [];
    const result = call(thumbnail, (pixels) => [inputs.push(pixels)], body);
    await expect(result).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(inputs).toEqual([]);
  });

  test("fails when its result does not fit its schema, or cannot be sent", async () => {
    await expect(call(thumbnail, () => [0.5], encode("1"))).rejects.toMatchObject({
      code: "schema_violation",
      message: expect.stringMatching(/^result of media\.thumbnail/),
    });
    await expect(call(defineTask({ name: "t" }), () => () => 1, encode(1))).rejects.toMatchObject({
      code: "not_encodable",
      message: expect.stringMatching(/^result of t/),
    });
  });

  test("fails with what it throws, at once or later", async () => {
    const boom = new Error("boom");
    const throws = (): never => {
      throw boom;
    };
    await expect(call(plain, throws, encode(1))).rejects.toBe(boom);
    await expect(call(plain, () => Promise.reject(boom), encode(1))).rejects.toBe(boom);
  });
});
