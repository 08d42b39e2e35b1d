import type { StoredDeadLetter } from "@umbel/broker";
import { encode, formatRunHeader, type DeadLetter, type RunMeta } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { inputObstacle, planRedrive, redrivable, redriveId, type Redrivable } from "./plan-redrive.ts";

const META: RunMeta = {
  task: "media.thumbnail",
  enqueuedAt: 5,
  origin: "before",
  attempt: 3,
  verify: false,
  dueAt: 6,
  expiresAt: 7,
  deadlineAt: 8,
  maxAttempts: 4,
  timeoutMs: 1_000,
  resultTtlMs: 60_000,
  parentRunId: "parent",
  rootRunId: "root",
  tags: ["a"],
  lock: "unique",
};
const LETTER: DeadLetter = {
  reason: "exhausted",
  at: 99,
  attempts: 3,
  starts: 3,
  errors: [],
  subject: "umbel.T.media.h.media~thumbnail.dead-1",
  headers: { Umbel: formatRunHeader(META), tenant: "acme", traceparent: "p", "Nats-Rollup": "all" },
  body: encode(1),
};
const STORED: StoredDeadLetter = {
  sequence: 7,
  queue: "media",
  task: "media.thumbnail",
  runId: "dead-1",
  letter: LETTER,
};
const FACTS = { mesh: "umbel", now: 1_000, origin: "me", trace: {}, queue: "media", place: undefined };

function dead(letter: Partial<DeadLetter> = {}): Redrivable {
  const found = redrivable({ ...STORED, letter: { ...LETTER, ...letter } });
  if ("obstacle" in found) throw new Error(found.obstacle);
  return found;
}

const headersOf = (plan: ReturnType<typeof planRedrive>): string =>
  Buffer.from(plan.firstHeaders("new").encode()).toString();

describe("the new run of a dead one", () => {
  test("of one with a key goes to the lane of its key", () => {
    const keyed = dead({ subject: "umbel.K.media.1.tenant=201.dead-1" });
    expect(keyed.key).toBe("tenant 1");
    const plan = planRedrive(keyed, { ...FACTS, place: { key: "tenant 1", lane: 5 } });
    expect(plan.subject("new")).toBe("umbel.K.media.5.tenant=201.new");
  });

  test("keeps what was asked of it, and begins anew", () => {
    const plan = planRedrive(dead(), FACTS);
    expect(plan.subject("new")).toBe("umbel.T.media.h.media~thumbnail.new");
    expect(plan.meta).toEqual({
      task: "media.thumbnail",
      enqueuedAt: 1_000,
      origin: "me",
      attempt: 1,
      verify: true,
      maxAttempts: 4,
      timeoutMs: 1_000,
      resultTtlMs: 60_000,
      parentRunId: "parent",
      rootRunId: "root",
      redriveOf: "dead-1",
      tags: ["a"],
    });
    const headers = headersOf(plan);
    expect(headers).toContain("tenant: acme");
    expect(headers).not.toMatch(/Rollup|traceparent/);
    expect(headers).toContain("Nats-Expected-Last-Subject-Sequence-Subject: umbel.*.*.*.*.new");
  });

  test("may go to another queue, and is the first of its line when nothing else was", () => {
    const { rootRunId: _root, parentRunId: _parent, ...meta } = META;
    const headers = { Umbel: formatRunHeader(meta) };
    const plan = planRedrive(dead({ headers }), { ...FACTS, queue: "other" });
    expect(plan.subject("new")).toBe("umbel.T.other.h.media~thumbnail.new");
    expect(plan.meta.rootRunId).toBe("dead-1");
  });

  test("takes no header line that a letter written by hand smuggles in", () => {
    const headers = { ...LETTER.headers, "a b": "x", good: "y\r\nNats-Rollup: all", "c:d": "z" };
    expect(headersOf(planRedrive(dead({ headers }), FACTS))).not.toMatch(/Rollup|a b|c:d/);
  });

  test("has an id that follows from the death", () => {
    const id = redriveId("dead-1", 99);
    expect(id).toMatch(/^[0-9a-z]{24}$/);
    expect(redriveId("dead-1", 99)).toBe(id);
    expect(redriveId("dead-1", 100)).not.toBe(id);
    expect(redriveId("dead-2", 99)).not.toBe(id);
  });
});

describe("a dead letter cannot be redriven", () => {
  test.each<[string, Partial<StoredDeadLetter>, RegExp]>([
    ["when nobody can read it", { letter: undefined }, /letter itself cannot be read/],
    ["without a header", { letter: { ...LETTER, headers: {} } }, /no readable Umbel header/],
    [
      "with a header of nonsense",
      { letter: { ...LETTER, headers: { Umbel: ";" } } },
      /no readable Umbel header/,
    ],
    ["without a run id", { runId: "a b" }, /no run id/],
  ])("%s", (_, stored, why) => {
    expect(redrivable({ ...STORED, ...stored })).toEqual({ obstacle: expect.stringMatching(why) });
  });

  test("as it is, when its input cannot be used", () => {
    expect(inputObstacle(LETTER)).toBeUndefined();
    expect(inputObstacle({ ...LETTER, body: new Uint8Array() })).toMatch(/too large to be kept/);
    expect(inputObstacle({ ...LETTER, body: new Uint8Array([0xc1]) })).toMatch(/cannot be decoded/);
  });
});
