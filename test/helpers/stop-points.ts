import { writeFileSync } from "node:fs";
import { Delivery, Publisher, RunRecords, ScheduleRecords, type Publication } from "@umbel/broker";

// A module for a worker's process. At the point that the environment names, the process stops itself (SIGSTOP),
// once: it goes on when it gets SIGCONT. So every interleaving of two workers is made, not met by luck.

/** Where a worker can be stopped on the path of a run. */
export type StopPoint =
  | `${"before" | "after"}-${"claim" | "outcome" | "retry" | "dead-letter" | "child"}`
  | `${"before" | "after"}-${"decision" | "clear" | "arm"}`
  | "before-ack"
  | "before-hand-back";

/** The environment variable that names the point. */
export const STOP_AT = "UMBEL_TEST_STOP_AT";
/** The environment variable that names a file, which is made right before the process stops. */
export const STOP_MARK = "UMBEL_TEST_STOP_MARK";

const wanted = process.env[STOP_AT];
let stopped = false;

function stopAt(point: StopPoint): void {
  if (point !== wanted || stopped) return;
  stopped = true;
  writeFileSync(process.env[STOP_MARK] ?? fail("a file to mark the stop with"), point);
  process.kill(process.pid, "SIGSTOP");
}

/** From now on, this process can be stopped. */
export function installStopPoints(): void {
  stopAtRecords();
  stopAtPublishes();
  stopAtReplies();
  stopAtSchedules();
}

// What a schedule does now is decided by one write; another one strikes off what is done.
function stopAtSchedules(): void {
  const { write } = ScheduleRecords.prototype;
  ScheduleRecords.prototype.write = async function (id, record, expected) {
    const step = record.pending.length > 0 ? "decision" : "clear";
    stopAt(`before-${step}`);
    const written = await write.call(this, id, record, expected);
    stopAt(`after-${step}`);
    return written;
  };
}

const STEPS = { running: "claim", retrying: "retry" } as const;

function stopAtRecords(): void {
  const { submit } = RunRecords.prototype;
  RunRecords.prototype.submit = function (runId, record, write) {
    if (record.state === "queued") return submit.call(this, runId, record, write);
    const step = record.state === "running" || record.state === "retrying" ? STEPS[record.state] : "outcome";
    stopAt(`before-${step}`);
    return submit.call(this, runId, record, {
      options: write.options,
      onWon: (sequence) => {
        stopAt(`after-${step}`);
        write.onWon(sequence);
      },
      onDoubt: (result) => write.onDoubt(result.finally(() => stopAt(`after-${step}`))),
    });
  };
}

function stopAtPublishes(): void {
  const { submit } = Publisher.prototype;
  Publisher.prototype.submit = function (publication) {
    const step = stepOf(publication.subject);
    if (step === undefined) return submit.call(this, publication);
    stopAt(`before-${step}`);
    return submit.call(this, stoppingAfter(publication, step));
  };
}

function stepOf(subject: string): "dead-letter" | "child" | "arm" | undefined {
  if (subject.includes(".S.-.c.")) return "arm";
  if (subject.includes(".D.")) return "dead-letter";
  return subject.includes(".T.") ? "child" : undefined;
}

function stoppingAfter(publication: Publication, step: "dead-letter" | "child" | "arm"): Publication {
  const { subject, body, headers } = publication;
  return {
    subject,
    body,
    headers,
    repeatHeaders: () => publication.repeatHeaders?.() ?? headers ?? fail("headers to repeat with"),
    onStored: (sequence, repeated) => {
      stopAt(`after-${step}`);
      publication.onStored(sequence, repeated);
    },
    onRefused: (error, repeated) => publication.onRefused(error, repeated),
  };
}

function fail(missing: string): never {
  throw new Error(`${missing} must be given`);
}

function stopAtReplies(): void {
  const { ack, handBack } = Delivery.prototype;
  Delivery.prototype.ack = function () {
    stopAt("before-ack");
    return ack.call(this);
  };
  Delivery.prototype.handBack = function (delayMs) {
    stopAt("before-hand-back");
    return handBack.call(this, delayMs);
  };
}
