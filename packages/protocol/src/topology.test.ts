import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isMeshName, isQueueName } from "./names.ts";
import {
  controlSubject,
  deadLetterSubject,
  eventSubject,
  lockSubject,
  noticeSubject,
  recordSubject,
  runSubject,
} from "./subjects.ts";
import {
  consumerName,
  consumerSpecs,
  DEFAULT_ACK_WAIT_MS,
  leasesBucket,
  MAX_ACK_PENDING,
  resultsBucket,
  streamNames,
  streamSpecs,
} from "./topology.ts";

const close = (characters: string): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters.split("")), minLength: 1, maxLength: 5 });
const mesh = close("ab-k7").filter(isMeshName);
const queue = close("abhnl_-9").filter(isQueueName);

/** Whether some subject is taken by both filters, as NATS has it. */
function overlap(one: string, other: string): boolean {
  const [left, right] = [one.split("."), other.split(".")];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [a, b] = [left[at], right[at]];
    if (a === ">" || b === ">") return a !== undefined && b !== undefined;
    if (a === undefined || b === undefined) return false;
    if (a !== "*" && b !== "*" && a !== b) return false;
  }
  return true;
}

const subjectsOf = (name: string): string[] => streamSpecs(name).flatMap((stream) => stream.subjects);

describe("the streams of a mesh", () => {
  test("are those that streamNames gives, all different", () => {
    fc.assert(
      fc.property(mesh, (name) => {
        const names = streamSpecs(name).map((stream) => stream.name);
        expect(names).toEqual(Object.values(streamNames(name)));
        expect(new Set(names).size).toBe(8);
        expect(streamNames(name).results).toBe(`KV_${resultsBucket(name)}`);
        expect(streamNames(name).leases).toBe(`KV_${leasesBucket(name)}`);
      }),
    );
  });

  test("share neither a name nor a subject with those of another mesh", () => {
    fc.assert(
      fc.property(mesh, mesh, (one, other) => {
        fc.pre(one !== other);
        const names = [one, other].flatMap((name) => Object.values(streamNames(name)));
        expect(new Set(names).size).toBe(names.length);
        const shared = subjectsOf(one).filter((left) =>
          subjectsOf(other).some((right) => overlap(left, right)),
        );
        expect(shared).toEqual([]);
      }),
    );
  });

  test("have names that NATS accepts", () => {
    fc.assert(
      fc.property(mesh, (name) => {
        for (const stream of streamSpecs(name)) expect(stream.name).toMatch(/^[A-Za-z0-9_-]+$/);
      }),
    );
  });

  test("take no subject twice, and none that notices or commands are on", () => {
    const subjects = [...subjectsOf("umbel"), "umbel.N.>", controlSubject("umbel", "cancel")];
    for (const [at, one] of subjects.entries()) {
      expect(subjects.slice(at + 1).filter((other) => overlap(one, other))).toEqual([]);
    }
  });

  test("keep one message for each run: the one that waits, its record, its dead letter; and one for each lock", () => {
    const [tasks, results, deadLetters, leases] = streamSpecs("umbel");
    const ready = { kind: "ready", queue: "q", priority: "low", task: "t", runId: "r1" } as const;
    expect(tasks?.subjects.some((filter) => overlap(filter, runSubject("umbel", ready)))).toBe(true);
    expect(results?.subjects.some((filter) => overlap(filter, recordSubject("umbel", "r1")))).toBe(true);
    const letter = deadLetterSubject("umbel", "q", { task: "t", runId: "r1" });
    expect(deadLetters?.subjects.some((filter) => overlap(filter, letter))).toBe(true);
    expect(leases?.subjects.some((filter) => overlap(filter, lockSubject("umbel", "k.*")))).toBe(true);
    expect(streamSpecs("umbel").map((stream) => stream.maxMessagesPerSubject)).toEqual([
      1, 1, 1, 1, 1, -1, 1, -1,
    ]);
  });

  test("announce every stored record on the subject that clients listen to", () => {
    const { republish } = streamSpecs("umbel")[1] ?? {};
    const [source = "", destination = ""] = [republish?.source, republish?.destination];
    const prefix = source.slice(0, -1);
    const stored = recordSubject("umbel", "r1");
    expect(stored.startsWith(prefix)).toBe(true);
    expect(destination.replace(">", stored.slice(prefix.length))).toBe(noticeSubject("umbel", "r1"));
  });

  test("drop runs by acknowledgement alone, and all that only tells of something by age", () => {
    expect(streamSpecs("umbel").map(({ retention, maxAgeMs }) => [retention, maxAgeMs])).toEqual([
      ["workqueue", undefined],
      ["limits", 30 * 86_400_000],
      ["limits", 30 * 86_400_000],
      ["limits", undefined],
      ["limits", undefined],
      ["limits", 86_400_000],
      ["limits", 600_000],
      ["limits", 90 * 86_400_000],
    ]);
  });

  test("bound the events and the audit, and nothing else, by size", () => {
    expect(streamSpecs("umbel").map(({ maxBytes }) => maxBytes)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      2 ** 30,
      undefined,
      2 ** 26,
    ]);
    const subject = eventSubject("umbel", { role: "worker", id: "a.b c-1" });
    expect(streamSpecs("umbel")[5]?.subjects.some((filter) => overlap(filter, subject))).toBe(true);
  });

  test("let nobody remove what operators did", () => {
    const sealed = streamSpecs("umbel").filter((stream) => stream.sealed === true);
    expect(sealed.map(({ name }) => name)).toEqual(["UMBEL_AUDIT"]);
  });

  test("leave a marker for an hour where a record expired, so that nothing is written there again", () => {
    expect(streamSpecs("umbel")[1]).toMatchObject({ deleteMarkerTtlMs: 3_600_000, allowTtl: true });
  });
});

describe("the consumers of a queue", () => {
  test("are one for each priority, the most urgent first", () => {
    expect(consumerSpecs("umbel", "media", DEFAULT_ACK_WAIT_MS)).toStrictEqual(
      ["h", "n", "l"].map((token) => ({
        stream: "UMBEL_TASKS",
        name: `media_${token}`,
        filter: `umbel.T.media.${token}.*.*`,
        ackWaitMs: 30_000,
        maxAckPending: MAX_ACK_PENDING,
      })),
    );
  });

  test("share neither a name nor a subject with those of any other queue or priority", () => {
    fc.assert(
      fc.property(mesh, queue, queue, (name, one, other) => {
        fc.pre(one !== other);
        const specs = [one, other].flatMap((inQueue) => consumerSpecs(name, inQueue, 1_000));
        expect(new Set(specs.map((spec) => spec.name)).size).toBe(6);
        for (const [at, spec] of specs.entries()) {
          expect(specs.slice(at + 1).filter((next) => overlap(spec.filter, next.filter))).toEqual([]);
        }
      }),
    );
  });

  test("have names that NATS accepts", () => {
    fc.assert(
      fc.property(queue, (name) => {
        expect(consumerName(name, "high")).toMatch(/^[A-Za-z0-9_-]+$/);
      }),
    );
  });

  test("take what the tasks stream stores", () => {
    const [tasks] = streamSpecs("umbel");
    for (const { filter, stream } of consumerSpecs("umbel", "media", 1_000)) {
      expect(stream).toBe(tasks?.name);
      expect(tasks?.subjects.filter((subject) => overlap(subject, filter))).toHaveLength(1);
    }
  });
});
