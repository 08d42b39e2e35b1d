import { createTestMesh } from "@umbel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTo } from "../helpers/consumers.ts";
import { countLetters, letDie, waitingRuns } from "../helpers/dead-letters.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";

const shared = shareServer();
let journal: Journal;
beforeAll(async () => {
  journal = await createJournal();
});
afterAll(() => journal[Symbol.asyncDispose]());

describe("a redrive of many", () => {
  test("does not redrive what dies meanwhile, keeps to its rate and tells how far it is", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const deadIds = await letDie(mesh, journal.path, 12);
    await mesh.startWorker({ modules: [LOOP] });
    const done: number[] = [];
    const beganAt = performance.now();
    const summary = await mesh.client.deadLetters.redrive(
      { tag: "doomed" },
      { rate: "20/s", onProgress: (progress) => done.push(progress.done) },
    );
    // Of twelve at twenty a second, the first two may begin at once.
    expect(performance.now() - beganAt).toBeGreaterThan(400);
    expect(summary).toMatchObject({ done: deadIds.length, existed: 0, refused: 0, missing: 0 });
    expect(done.toSorted((left, right) => left - right)).toEqual(deadIds.map((_, index) => index + 1));
    await mesh.eventually("they have died again", async () => (await mesh.deadLetters()).length === 12);
  });

  test("stops when it is told to, and another call goes on", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const deadIds = await letDie(mesh, journal.path, 60);
    const controller = new AbortController();
    const stopped = new Error("stopped");
    const stopping = mesh.client.deadLetters.redrive(deadIds, {
      signal: controller.signal,
      onProgress: ({ done }) => done === 5 && controller.abort(stopped),
    });
    await expect(stopping).rejects.toBe(stopped);
    const left = await countLetters(connection);
    expect(left).toBeGreaterThan(0);
    expect(left + (await waitingRuns(connection)).length).toBe(60);
    const summary = await mesh.client.deadLetters.redrive(deadIds);
    expect(summary).toMatchObject({ done: left, missing: 60 - left });
    expect(await waitingRuns(connection)).toHaveLength(60);
  });

  test.each<{ what: string; selection: unknown; options: object; message: RegExp }>([
    { what: "no filter", selection: {}, options: {}, message: /expected at least one of queue, task/ },
    {
      what: "all and a filter",
      selection: { all: true, task: "t" },
      options: {},
      message: /all: true alone/,
    },
    { what: "an unknown field", selection: { reson: "t" }, options: {}, message: /Did you mean "reason"/ },
    {
      what: "an unknown reason",
      selection: { reason: "exhaust" },
      options: {},
      message: /exhausted, discarded/,
    },
    {
      what: "a misspelled reason",
      selection: { reason: "discaded" },
      options: {},
      message: /Did you mean "discarded"/,
    },
    { what: "no id", selection: ["a b"], options: {}, message: /redrive\[0\]: expected a run id/ },
    {
      what: "one input for all",
      selection: ["a"],
      options: { input: 1 },
      message: /redrive.input: expected no input/,
    },
    {
      what: "a wrong rate",
      selection: ["a"],
      options: { rate: "fast" },
      message: /redrive.rate: expected a rate/,
    },
    {
      what: "a wrong queue",
      selection: ["a"],
      options: { queue: "a b" },
      message: /redrive.queue: expected a queue name/,
    },
    { what: "an unknown option", selection: ["a"], options: { speed: 1 }, message: /redrive.speed/ },
  ])("refuses $what, and does nothing", async ({ selection, options, message }) => {
    await using mesh = await createTestMesh({ server: shared.url });
    const redrive = Promise.try(() =>
      Reflect.apply(mesh.client.deadLetters.redrive, mesh.client.deadLetters, [selection, options]),
    );
    expect(await rejection(redrive)).toMatchObject({
      code: "invalid_argument",
      message: expect.stringMatching(message),
    });
  });
});
