import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { defineTask, type Task } from "@umbel/protocol";
import type { Mesh } from "./mesh.ts";
import type { RunHandle } from "./run-handle.ts";

// What a caller is told by the compiler. Nothing here is executed but the definitions.

const thumbnail = defineTask({
  name: "media.thumbnail",
  input: z.object({ path: z.string(), width: z.int().default(200), at: z.string().transform(Number) }),
  output: z.object({
    bytes: z.instanceof(Uint8Array),
    sizes: z.array(z.int()).transform((all) => all.length),
  }),
});
const untyped = defineTask({ name: "anything" });
const declared = defineTask<{ to: string }, Date>({ name: "mail.send" });
const letter = defineTask<"a" | "b">({ name: "letter" });
const checkedInput = defineTask({ name: "half", input: z.number() });

type Thumbnail = typeof thumbnail;
interface ThumbnailInput {
  path: string;
  width?: number | undefined;
  at: string;
}
/** `enqueue` as a function of one task, called with `Input`. */
type EnqueueWith<OneTask, Input> = (task: OneTask, input: Input) => unknown;

test("a task knows what callers pass and get, and what its handler gets and returns", () => {
  expectTypeOf(thumbnail).toEqualTypeOf<
    Task<
      ThumbnailInput,
      { bytes: Uint8Array<ArrayBuffer>; sizes: number },
      { path: string; width: number; at: number },
      { bytes: Uint8Array<ArrayBuffer>; sizes: number[] }
    >
  >();
  expectTypeOf(declared).toEqualTypeOf<Task<{ to: string }, Date>>();
  expectTypeOf(untyped).toEqualTypeOf<Task<unknown, unknown>>();
  expectTypeOf(checkedInput).toEqualTypeOf<Task<number, unknown, number, unknown>>();
});

test("a run is enqueued with the input of its task, before any schema has changed it", () => {
  expectTypeOf<Mesh["enqueue"]>().toExtend<EnqueueWith<Thumbnail, ThumbnailInput>>();
  expectTypeOf<Mesh["enqueue"]>().toExtend<EnqueueWith<typeof declared, { to: string }>>();
  expectTypeOf<Mesh["enqueue"]>().toExtend<EnqueueWith<typeof untyped, { whatever: 1 }>>();
});

test("a wrong input does not compile", () => {
  expectTypeOf<Mesh["enqueue"]>().not.toExtend<
    EnqueueWith<Thumbnail, { path: string; width: string; at: string }>
  >();
  expectTypeOf<Mesh["enqueue"]>().not.toExtend<EnqueueWith<Thumbnail, { width: number; at: string }>>();
  expectTypeOf<Mesh["enqueue"]>().not.toExtend<EnqueueWith<Thumbnail, { path: string; at: number }>>();
  expectTypeOf<Mesh["enqueue"]>().not.toExtend<EnqueueWith<Thumbnail, undefined>>();
  expectTypeOf<Mesh["enqueue"]>().not.toExtend<EnqueueWith<typeof declared, { to: number }>>();
  expectTypeOf<Mesh["enqueue"]>().not.toExtend<EnqueueWith<typeof declared, string>>();
  expectTypeOf<Mesh["enqueue"]>().not.toExtend<EnqueueWith<typeof letter, "a" | "c">>();
});

test("a bulk takes inputs of its task, and no others", () => {
  type Many<OneTask, Input> = (task: OneTask, inputs: Iterable<Input>) => unknown;
  expectTypeOf<Mesh["enqueueMany"]>().toExtend<Many<typeof declared, { to: string }>>();
  expectTypeOf<Mesh["enqueueMany"]>().not.toExtend<Many<typeof declared, { to: number }>>();
  expectTypeOf<Mesh["enqueueMany"]>().not.toExtend<Many<typeof letter, "a" | "c">>();
  expectTypeOf<Mesh["enqueueMany"]>().not.toExtend<
    (task: typeof declared, inputs: { to: string }) => unknown
  >();
});

test("a bulk may not choose an id for all its runs, and a single run may", () => {
  expectTypeOf<NonNullable<Parameters<Mesh["enqueueMany"]>[2]>>().not.toHaveProperty("runId");
  expectTypeOf<NonNullable<Parameters<Mesh["enqueue"]>[2]>>().toHaveProperty("runId");
  expectTypeOf<NonNullable<Parameters<Mesh["enqueueMany"]>[2]>>().toHaveProperty("atomic");
});

// Never called: only its types matter.
async function enqueueAll(mesh: Mesh): Promise<void> {
  const made = await mesh.enqueue(thumbnail, { path: "/a.png", at: "5" }, { delay: "5m", priority: "high" });
  expectTypeOf(made).toEqualTypeOf<RunHandle<{ bytes: Uint8Array<ArrayBuffer>; sizes: number }>>();
  expectTypeOf(made.result).returns.resolves.toEqualTypeOf<{
    bytes: Uint8Array<ArrayBuffer>;
    sizes: number;
  }>();
  expectTypeOf(mesh.enqueue(declared, { to: "a" })).resolves.toEqualTypeOf<RunHandle<Date>>();
  expectTypeOf(mesh.enqueue(untyped, 5)).resolves.toEqualTypeOf<RunHandle<unknown>>();
  expectTypeOf(mesh.enqueueMany(declared, [{ to: "a" }])).resolves.toEqualTypeOf<RunHandle<Date>[]>();
  expectTypeOf(mesh.enqueueMany(declared, new Set([{ to: "a" }]))).resolves.toEqualTypeOf<
    RunHandle<Date>[]
  >();
  expectTypeOf(mesh.enqueueByName("mail.send", { to: "a" })).resolves.toEqualTypeOf<RunHandle<unknown>>();
  expectTypeOf(mesh.run("id")).toEqualTypeOf<RunHandle<unknown>>();
  expectTypeOf(mesh.run<Date>("id").result()).resolves.toEqualTypeOf<Date>();
}

test("a handle gives what its task's output schema makes of what the handler returned", () => {
  expectTypeOf(enqueueAll).parameter(0).toEqualTypeOf<Mesh>();
});
