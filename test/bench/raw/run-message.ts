import { formatRunHeader, RUN_HEADER, runSubject } from "@umbel/protocol";
import { noop } from "../work/tasks.ts";
import { EncodedHeaders } from "./encoded-headers.ts";

/** Store only what is not there yet. */
export const CREATE_ONLY: Readonly<Record<string, string>> = { "Nats-Expected-Last-Subject-Sequence": "0" };

/** The headers of every run of one producer: encoded once, so they all say the same time. */
export function runHeaders(origin: string, enqueuedAt: number): EncodedHeaders {
  const meta = { task: noop.name, enqueuedAt, origin, attempt: 1, verify: false };
  return new EncodedHeaders({ ...CREATE_ONLY, [RUN_HEADER]: formatRunHeader(meta) });
}

/** The subject of a run without its last token, which is the run id. */
export function subjectPrefix(mesh: string): string {
  const { queue, priority, name: task } = noop;
  return runSubject(mesh, { kind: "ready", queue, priority, task, runId: "" });
}

/** When the run with this header was enqueued. */
export function enqueuedAtOf(runHeader: string): number {
  return Number(runHeader.split(";", 3)[2]);
}
