import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isMeshName, isQueueName, isRunId } from "./names.ts";
import { PRIORITIES } from "./priority.ts";
import { shardOf } from "./run-id.ts";
import {
  anywhereSubject,
  controlSubject,
  deadLetterSubject,
  keyedSubjects,
  laneFilter,
  lastToken,
  noticeSubject,
  parseDeadLetterSubject,
  parseRunSubject,
  readyFilter,
  recordSubject,
  runSubject,
  scheduledSubjects,
  shardNotices,
  stageSubject,
  taskStreamSubjects,
  type RunAddress,
} from "./subjects.ts";

const letters = "abcdefghijklmnopqrstuvwxyzABCXYZ0189_-".split("");
const word = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 20 });
const mesh = word.filter(isMeshName);
const queue = word.filter(isQueueName);
const runId = word.filter(isRunId);
const task = fc.oneof(fc.constant("media.thumbnail"), fc.string({ unit: "binary" }), word);
const address: fc.Arbitrary<RunAddress> = fc.oneof(
  fc.tuple(queue, task, runId, fc.constantFrom(...PRIORITIES)).map(([inQueue, name, id, priority]) => ({
    kind: "ready" as const,
    queue: inQueue,
    task: name,
    runId: id,
    priority,
  })),
  fc.tuple(queue, task, runId, fc.nat(31)).map(([inQueue, key, id, lane]) => ({
    kind: "keyed" as const,
    queue: inQueue,
    key,
    lane,
    runId: id,
  })),
  fc
    .tuple(queue, task, runId, fc.constantFrom("delayed" as const, "retrying" as const))
    .map(([inQueue, name, id, kind]) => ({ kind, queue: inQueue, task: name, runId: id })),
);

/** Whether `filter` takes `subject`, as NATS has it. */
function takes(filter: string, subject: string): boolean {
  const wanted = filter.split(".");
  const tokens = subject.split(".");
  if (wanted.at(-1) === ">") {
    return (
      tokens.length >= wanted.length && wanted.slice(0, -1).every((token, at) => isTaken(token, tokens[at]))
    );
  }
  return tokens.length === wanted.length && wanted.every((token, at) => isTaken(token, tokens[at]));
}

function isTaken(wanted: string, token: string | undefined): boolean {
  return wanted === "*" || wanted === token;
}

describe("the subject of a run", () => {
  test("says where it waits: it is read back as it was built, even for hostile task names", () => {
    fc.assert(
      fc.property(mesh, address, (name, where) => {
        expect(parseRunSubject(runSubject(name, where))).toStrictEqual(where);
      }),
      { numRuns: 500 },
    );
  });

  test("has six tokens of harmless characters, whatever its task is called", () => {
    fc.assert(
      fc.property(mesh, address, (name, where) => {
        expect(runSubject(name, where)).toMatch(/^(?:[A-Za-z0-9_~=-]+\.){5}[A-Za-z0-9_-]+$/);
      }),
    );
  });

  test("is taken by the tasks stream and by every filter of that run, and by no other run's", () => {
    fc.assert(
      fc.property(mesh, address, runId, (name, where, otherId) => {
        const subject = runSubject(name, where);
        const stage = where.kind === "ready" ? "T" : where.kind === "keyed" ? "K" : "S";
        expect(taskStreamSubjects(name).filter((filter) => takes(filter, subject))).toHaveLength(1);
        expect(takes(anywhereSubject(name, where.runId), subject)).toBe(true);
        for (const other of ["T", "K", "S"] as const) {
          expect(takes(stageSubject(name, other, where.runId), subject)).toBe(other === stage);
        }
        expect(takes(anywhereSubject(name, otherId), subject)).toBe(otherId === where.runId);
        expect(lastToken(subject)).toBe(where.runId);
      }),
    );
  });

  test("is taken by the filter of its own queue and lane alone", () => {
    fc.assert(
      fc.property(mesh, address, fc.nat(31), (name, where, lane) => {
        const isOwn = where.kind === "keyed" && where.lane === lane;
        expect(takes(laneFilter(name, where.queue, lane), runSubject(name, where))).toBe(isOwn);
        const keyed = where.kind === "keyed";
        expect(takes(keyedSubjects(name, where.queue), runSubject(name, where))).toBe(keyed);
        const scheduled = where.kind === "delayed" || where.kind === "retrying";
        expect(takes(scheduledSubjects(name, where.queue), runSubject(name, where))).toBe(scheduled);
      }),
    );
  });

  test("is taken by the filter of its own queue and priority alone", () => {
    fc.assert(
      fc.property(mesh, address, queue, (name, where, otherQueue) => {
        const subject = runSubject(name, where);
        for (const priority of PRIORITIES) {
          const isOwn = where.kind === "ready" && where.priority === priority;
          expect(takes(readyFilter(name, where.queue, priority), subject)).toBe(isOwn);
          expect(takes(readyFilter(name, otherQueue, priority), subject)).toBe(
            isOwn && otherQueue === where.queue,
          );
        }
      }),
    );
  });

  test("is spelled as the protocol page says", () => {
    const run = { queue: "media", task: "media.thumbnail", runId: "r1" };
    expect(runSubject("umbel", { kind: "ready", priority: "high", ...run })).toBe(
      "umbel.T.media.h.media~thumbnail.r1",
    );
    expect(runSubject("umbel", { kind: "keyed", queue: "media", lane: 3, key: "a.b*", runId: "r1" })).toBe(
      "umbel.K.media.3.a~b=2A.r1",
    );
    expect(runSubject("umbel", { kind: "delayed", ...run })).toBe("umbel.S.media.d.media~thumbnail.r1");
    expect(runSubject("umbel", { kind: "retrying", ...run })).toBe("umbel.S.media.r.media~thumbnail.r1");
  });
});

describe("parseRunSubject gives undefined", () => {
  test.each([
    ["nothing", ""],
    ["too few tokens", "umbel.T.media.n.task"],
    ["too many tokens", "umbel.T.media.n.task.r1.more"],
    ["another stage", "umbel.X.media.n.task.r1"],
    ["a lane that is no number", "umbel.K.media.n.key.r1"],
    ["a lane with another form", "umbel.K.media.03.key.r1"],
    ["a lane that is too large", "umbel.K.media.1000.key.r1"],
    ["a key that no text encodes to", "umbel.K.media.3.=41.r1"],
    ["a cron schedule, which is no run", "umbel.S.media.c.task.nightly"],
    ["an unknown priority", "umbel.T.media.x.task.r1"],
    ["a priority spelled out", "umbel.T.media.high.task.r1"],
    ["a schedule in a ready place", "umbel.T.media.d.task.r1"],
    ["a priority in a schedule's place", "umbel.S.media.n.task.r1"],
    ["no mesh", ".T.media.n.task.r1"],
    ["a wildcard for a mesh", "*.T.media.n.task.r1"],
    ["no queue", "umbel.T..n.task.r1"],
    ["a wildcard for a queue", "umbel.T.*.n.task.r1"],
    ["no task", "umbel.T.media.n..r1"],
    ["a task that no name encodes to", "umbel.T.media.n.=41.r1"],
    ["no run id", "umbel.T.media.n.task."],
    ["a wildcard for a run id", "umbel.T.media.n.task.*"],
    ["a run id that is too long", `umbel.T.media.n.task.${"x".repeat(65)}`],
    ["white space", "umbel.T.media.n.task.r 1"],
  ])("for %s", (_, subject) => {
    expect(parseRunSubject(subject)).toBeUndefined();
  });

  test("for any subject that it would not build again", () => {
    const token = fc.oneof(
      fc.constantFrom("umbel", "T", "S", "K", "n", "d", "media", "a~b", "=", ""),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(token, { minLength: 4, maxLength: 7 }), (tokens) => {
        const subject = tokens.join(".");
        const where = parseRunSubject(subject);
        const again = where === undefined ? undefined : runSubject(subject.split(".")[0] ?? "", where);
        expect([undefined, subject]).toContain(again);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the subjects of a run's record", () => {
  test("hold the shard, so that one filter takes the notices of all runs of a producer", () => {
    fc.assert(
      fc.property(mesh, runId, (name, id) => {
        const shard = shardOf(id);
        expect(recordSubject(name, id)).toBe(`$KV.${name}_results.${shard}.${id}`);
        expect(noticeSubject(name, id)).toBe(`${name}.N.${shard}.${id}`);
        expect(takes(shardNotices(name, shard), noticeSubject(name, id))).toBe(true);
        expect(lastToken(recordSubject(name, id))).toBe(id);
      }),
    );
  });
});

test("dead letters and control commands are on subjects of their own", () => {
  const run = { task: "media.thumbnail", runId: "r1" };
  expect(deadLetterSubject("umbel", "media", run)).toBe("umbel.D.media.media~thumbnail.r1");
  expect(deadLetterSubject("umbel", "media", { ...run, task: "" })).toBe("umbel.D.media.=.r1");
  expect(parseDeadLetterSubject("umbel.D.media.media~thumbnail.r1")).toEqual({ queue: "media", ...run });
  expect(parseDeadLetterSubject("umbel.D.media.=zz.r1").task).toBe("=zz");
  expect(controlSubject("umbel", "cancel")).toBe("umbel.ctl.all.cancel");
  const others = [deadLetterSubject("umbel", "media", run), controlSubject("umbel", "cancel")];
  for (const subject of others) {
    expect(taskStreamSubjects("umbel").some((filter) => takes(filter, subject))).toBe(false);
  }
});

test("the last token of a subject of one token is the subject", () => {
  expect(lastToken("r1")).toBe("r1");
});
