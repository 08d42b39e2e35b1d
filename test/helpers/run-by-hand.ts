import { headers as natsHeaders, type MsgHdrs } from "@nats-io/transport-node";
import { encode, formatRunHeader, runSubject, type Priority, type RunMeta } from "@umbel/protocol";

/** A run as a producer in another language publishes it: every field of its header as it likes. */
export interface RunByHand {
  readonly meta: RunMeta;
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: MsgHdrs;
}

/** What {@link runByHand} makes a run of. */
export interface ByHandOptions {
  readonly mesh: string;
  readonly runId: string;
  readonly queue: string;
  readonly priority: Priority;
  readonly meta: Partial<RunMeta> & Pick<RunMeta, "task">;
  readonly input: unknown;
  /** Over the header of the run. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function runByHand(options: ByHandOptions): RunByHand {
  const { mesh, runId, queue, priority, input } = options;
  const meta: RunMeta = {
    enqueuedAt: Date.now(),
    origin: "by-hand",
    attempt: 1,
    verify: false,
    ...options.meta,
  };
  const headers = natsHeaders();
  for (const [name, value] of Object.entries({ Umbel: formatRunHeader(meta), ...options.headers })) {
    headers.append(name, value);
  }
  const subject = runSubject(mesh, { kind: "ready", queue, priority, task: meta.task, runId });
  return { meta, subject, body: encode(input), headers };
}
