import { decode, decodeRunRecord, parseRunHeader, parseRunSubject, RUN_HEADER } from "@umbel/protocol";
import { MsgHdrsImpl } from "@nats-io/nats-core/internal";
import { expect, test } from "vitest";
import { noop } from "../work/tasks.ts";
import { encoder } from "./codec.ts";
import { outcomeBody } from "./outcome.ts";
import { enqueuedAtOf, runHeaders, subjectPrefix } from "./run-message.ts";

const NOW = 1_763_900_000_123;

test("a raw run has the subject of the wire protocol", () => {
  expect(parseRunSubject(`${subjectPrefix("umbel")}01JD`)).toEqual({
    kind: "ready",
    queue: noop.queue,
    priority: "normal",
    task: noop.name,
    runId: "01JD",
  });
});

test("a raw run has the headers of the wire protocol: its meta data, and that it must be new", () => {
  const headers = MsgHdrsImpl.decode(runHeaders("ORIGIN", NOW).encode());
  const runHeader = headers.get(RUN_HEADER);
  expect(parseRunHeader(runHeader)).toEqual({
    task: noop.name,
    enqueuedAt: NOW,
    origin: "ORIGIN",
    attempt: 1,
    verify: false,
  });
  expect(headers.get("Nats-Expected-Last-Subject-Sequence")).toBe("0");
  expect(enqueuedAtOf(runHeader)).toBe(NOW);
});

test("a raw outcome is a record of the wire protocol with all its fields", () => {
  const body = outcomeBody({
    enqueuedAt: NOW,
    startedAt: NOW + 1,
    finishedAt: NOW + 2,
    result: encoder.encode({ index: 70_000 }),
  });
  const record = decodeRunRecord(body);
  expect(record).toMatchObject({
    task: noop.name,
    queue: noop.queue,
    attempt: 1,
    starts: 1,
    errors: [],
    state: "succeeded",
    fence: 0,
    enqueuedAt: NOW,
    startedAt: NOW + 1,
    at: NOW + 2,
  });
  expect("result" in record && record.result instanceof Uint8Array && decode(record.result)).toEqual({
    index: 70_000,
  });
});

test("two raw outcomes do not share their bytes", () => {
  const times = { enqueuedAt: NOW, startedAt: NOW, finishedAt: NOW };
  const first = outcomeBody({ ...times, result: encoder.encode(1) });
  outcomeBody({ ...times, result: encoder.encode(2) });
  const record = decodeRunRecord(first);
  expect("result" in record && record.result instanceof Uint8Array && decode(record.result)).toBe(1);
});
