import { createHash } from "node:crypto";
import { defineTask, encodeToken } from "@umbel/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HandlerRegistry } from "../handler-registry.ts";
import { handle } from "../handler.ts";
import { FakeDelivery } from "./delivery.test.helper.ts";
import { isRun, openRun } from "./open-run.ts";
import type { Run, Unreadable } from "./run.ts";

const SUBJECT = "umbel.T.media.n.media~thumbnail.run-1";
const HEADER = "1;media.thumbnail;1795460800000;billing-1";
const handler = handle(defineTask<unknown>({ name: "media.thumbnail" }), () => 1);
const registry = new HandlerRegistry([handler]);

const open = (subject: string, headers: Readonly<Record<string, string>> = {}): Run | Unreadable =>
  openRun(new FakeDelivery(subject, headers), registry);

describe("a delivery with a readable header", () => {
  test("is a run: what its header says, in the queue that it was pulled from, with its handler", () => {
    const delivery = new FakeDelivery(SUBJECT, { Umbel: `${HEADER};v=1` });
    const opened = openRun(delivery, registry);
    expect(opened).toStrictEqual({
      runId: "run-1",
      queue: "media",
      meta: {
        task: "media.thumbnail",
        enqueuedAt: 1_795_460_800_000,
        origin: "billing-1",
        attempt: 1,
        verify: true,
      },
      handler,
      trace: {},
      delivery,
    });
    expect(isRun(opened)).toBe(true);
    expect(delivery.done).toEqual([]);
  });

  test("of a task that nobody here handles is a run without a handler", () => {
    const opened = open(SUBJECT, { Umbel: "1;other;1;o" });
    expect(isRun(opened)).toBe(true);
    expect(opened).toMatchObject({ handler: undefined, meta: { task: "other" } });
  });

  test.each([
    [{}, {}],
    [{ traceparent: "p" }, { traceparent: "p" }],
    [
      { traceparent: "p", tracestate: "s" },
      { traceparent: "p", tracestate: "s" },
    ],
    [{ tracestate: "s" }, {}],
  ])("and the headers %o belongs to the trace %o", (headers, trace) => {
    expect(open(SUBJECT, { ...headers, Umbel: HEADER })).toHaveProperty("trace", trace);
  });
});

describe("a delivery that is no run", () => {
  test.each([
    ["has no header", {}, /no Umbel header/],
    ["has a header of another version", { Umbel: `2;${HEADER.slice(2)}` }, /protocol version "2"/],
    ["has a header that means nothing", { Umbel: "hello" }, /protocol version "hello"/],
    ["has a header without a task", { Umbel: "1;;5;o" }, /"" cannot name a task/],
  ])("%s: it is named by its subject, and the error says what is wrong", (_, headers, message) => {
    const delivery = new FakeDelivery(SUBJECT, headers);
    const opened = openRun(delivery, registry);
    expect(isRun(opened)).toBe(false);
    expect(opened).toStrictEqual({
      runId: "run-1",
      queue: "media",
      task: "media.thumbnail",
      error: expect.objectContaining({ code: "undecodable", message: expect.stringMatching(message) }),
      delivery,
    });
  });

  test("has an id that is none: its record gets a name of its own", () => {
    const subject = `umbel.T.media.n.media~thumbnail.${"x".repeat(65)}`;
    expect(open(subject, { Umbel: HEADER })).toMatchObject({
      runId: createHash("sha256").update(subject).digest("hex"),
      task: "media.thumbnail",
      error: { code: "undecodable", message: expect.stringMatching(/ends with no run id, but with "xxx/) },
    });
  });

  test.each([
    ["umbel.T.media.n.=ZZ.run-1", "-"],
    ["umbel.T.media.n.=.run-1", "-"],
    [`umbel.T.media.n.${encodeToken("a b")}.run-1`, "-"],
    [`umbel.T.media.n.${"t".repeat(129)}.run-1`, "-"],
    ["run-1", "-"],
    ["umbel.T.media.n.a~b.run-1", "a.b"],
  ])("on %s is of the task %s", (subject, task) => {
    expect(open(subject)).toMatchObject({ runId: "run-1", task });
  });
});

test("whatever a stranger publishes is opened, under an id and a task that fit into a subject", () => {
  const token = fc
    .string({ unit: "binary", minLength: 1, maxLength: 140 })
    .map((text) => text.replaceAll(".", ""));
  const headers = fc.record({ Umbel: fc.string(), traceparent: fc.string() }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.array(token, { minLength: 1, maxLength: 4 }), headers, (tokens, own) => {
      const opened = open(tokens.join("."), own);
      expect(opened.runId).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      expect("task" in opened ? opened.task : opened.meta.task).toMatch(/^[A-Za-z0-9_/:.-]{1,128}$/);
    }),
  );
});
