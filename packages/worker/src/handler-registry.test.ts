import { pathToFileURL } from "node:url";
import { defineTask, type RunsOn } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { handle, type Handler } from "./handler.ts";
import { HandlerRegistry, loadHandlers, moduleUrl } from "./handler-registry.ts";

const make = (name: string, options: { queue?: string; runsOn?: RunsOn } = {}): Handler =>
  handle(defineTask<number, number>({ name, ...options }), (input) => input);

describe("the handlers of a worker", () => {
  test("are found by the names of their tasks", () => {
    const [one, other] = [make("one"), make("other")];
    const registry = new HandlerRegistry([one, other]);
    expect(registry.get("one")).toBe(one);
    expect(registry.get("other")).toBe(other);
    expect(registry.get("none")).toBeUndefined();
    expect(registry.taskNames).toEqual(["one", "other"]);
  });

  test("are at least one", () => {
    expect(() => new HandlerRegistry([])).toThrow(
      expect.objectContaining({ code: "handler_missing", message: expect.stringMatching(/handle\(task/) }),
    );
  });

  test("may be the same one twice: two modules may export it", () => {
    const one = make("one");
    expect(new HandlerRegistry([one, one]).taskNames).toEqual(["one"]);
  });

  test("are not two of one task", () => {
    expect(() => new HandlerRegistry([make("one"), make("other"), make("one")])).toThrow(
      expect.objectContaining({
        code: "duplicate_task",
        message: expect.stringMatching(/"one"/),
        details: { task: "one" },
      }),
    );
  });

  test("tell the name that a wrong one may be meant for", () => {
    const registry = new HandlerRegistry([make("mail.send"), make("media.thumbnail")]);
    expect(registry.nearest("media.thumbnial")).toBe("media.thumbnail");
    expect(registry.nearest("billing.charge")).toBeUndefined();
  });
});

describe("the queues of a worker's tasks", () => {
  const registry = new HandlerRegistry([
    make("a", { queue: "loops" }),
    make("b", { queue: "loops" }),
    make("c", { queue: "threads", runsOn: "thread" }),
    make("d", { queue: "both" }),
    make("e", { queue: "both", runsOn: "thread" }),
  ]);

  test("are named once each", () => {
    expect(registry.queues).toEqual(["loops", "threads", "both"]);
  });

  test.each([
    ["loops", true, false],
    ["threads", false, true],
    ["both", true, true],
    ["one that no task names, where any may come", true, true],
  ])("%s: on the loop %s, on threads %s", (queue, loop, thread) => {
    expect(registry.usesOf(queue, "loop")).toBe(loop);
    expect(registry.usesOf(queue, "thread")).toBe(thread);
  });

  test("do not decide whether threads are needed: a caller may choose another queue", () => {
    expect(registry.needsThreads).toBe(true);
    expect(new HandlerRegistry([make("a"), make("b")]).needsThreads).toBe(false);
  });

  test("use nothing that no task uses", () => {
    const loops = new HandlerRegistry([make("a", { queue: "loops" })]);
    expect(loops.usesOf("another", "thread")).toBe(false);
    expect(loops.usesOf("another", "loop")).toBe(true);
  });
});

// What this file exports, it can load.
export const first: Handler = make("first");
export const second: Handler = make("second");
export const noHandler = 5;

describe("the handlers that modules export", () => {
  const here = import.meta.url;

  test("are all that are handlers among their exports", async () => {
    await expect(loadHandlers([here])).resolves.toEqual([first, second]);
  });

  test("are those of all modules together, a module that is named twice included", async () => {
    await expect(loadHandlers([here, here])).resolves.toEqual([first, second, first, second]);
    await expect(loadHandlers([])).resolves.toEqual([]);
  });

  test("are at least one in each module: the error says what it exports instead", async () => {
    const url = new URL("./handler.ts", here).href;
    await expect(loadHandlers([here, url])).rejects.toMatchObject({
      code: "handler_missing",
      message: expect.stringContaining(`${url} exports no handler`),
      details: { module: url, exports: ["handle", "isHandler"] },
    });
  });

  test.each([
    ["is not there", new URL("./no-such-module.ts", import.meta.url).href, /no-such-module/],
    ["throws", "data:text/javascript,throw new Error('no database')", /no database/],
    ["throws no error", "data:text/javascript,throw 'sorry'", /: sorry$/],
  ])("of a module that %s: the error says which and why", async (_, url, reason) => {
    await expect(loadHandlers([url])).rejects.toMatchObject({
      code: "handler_missing",
      message: expect.stringMatching(reason),
      details: { module: url },
      cause: expect.anything(),
    });
  });
});

test.each([
  [new URL("file:///a/b.ts"), "file:///a/b.ts"],
  ["file:///a/b.ts", "file:///a/b.ts"],
  ["data:text/javascript,1", "data:text/javascript,1"],
  ["node:fs", "node:fs"],
  ["/a/b c.ts", "file:///a/b%20c.ts"],
  ["handlers.ts", pathToFileURL("./handlers.ts").href],
  ["file.ts", pathToFileURL("./file.ts").href],
])("a module given as %s is imported as %s", (module, url) => {
  expect(moduleUrl(module)).toBe(url);
});
