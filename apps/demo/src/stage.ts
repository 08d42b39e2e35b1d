import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Mesh } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { createApi } from "./api/api.ts";
import { Producer } from "./api/producer.ts";
import { runKinds, type RunKind } from "./api/run-kinds.ts";
import { Notices } from "./audit/notices.ts";
import { loadDataSet, type DataSet, type Share } from "./data-set/data-set.ts";
import { mailFollowUps } from "./mail/mail-follow-ups.ts";
import { MailServer } from "./mail/mail-server.ts";
import { RunLedger } from "./run-ledger.ts";
import { sizesFor, type Sizes } from "./sizes.ts";
import { liveSummary } from "./summary/live-summary.ts";
import { WorkerFleet } from "./worker-process/worker-fleet.ts";

/** Everything that plays a part in the demo. Ends all of it when it is disposed of. */
export interface Stage extends AsyncDisposable {
  readonly sizes: Sizes;
  readonly data: DataSet;
  readonly server: LocalServer;
  readonly mails: MailServer;
  readonly notices: Notices;
  readonly mesh: Mesh;
  readonly ledger: RunLedger;
  readonly kinds: ReadonlyMap<string, RunKind>;
  readonly apiUrl: string;
  readonly producer: Producer;
  readonly workers: WorkerFleet;
  /** Where the logs of the workers are. */
  readonly logDir: string;
}

/** What {@link openStage} takes. */
export interface StageOptions {
  readonly share: Share;
  readonly signal: AbortSignal;
  /** Told, in one line each, what takes long. */
  readonly onProgress: (message: string) => void;
}

/** Start everything but the workers. @throws UmbelError, and the reason of `signal` */
export async function openStage({ share, signal, onProgress }: StageOptions): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const sizes = sizesFor();
  const data = await loadDataSet(share);
  const server = stack.use(await startServer({ monitor: true, signal, onProgress }));
  const mails = stack.use(await MailServer.start());
  const mesh = stack.use(await connect({ servers: server.url }));
  const notices = stack.use(await Notices.start(server.url));
  const ledger = new RunLedger(mailFollowUps(mesh));
  const kinds = runKinds(data);
  const api = createApi({ mesh, ledger, kinds, summary: () => liveSummary(ledger.entries, mails.arrived) });
  stack.defer(() => api.close());
  const apiUrl = await api.listen({ host: "127.0.0.1", port: 0 });
  const logDir = await mkdtemp(join(tmpdir(), "umbel-demo-"));
  const workers = stack.use(
    new WorkerFleet({ servers: server.url, smtpUrl: mails.url, ackWaitMs: sizes.ackWaitMs, logDir }),
  );
  const producer = new Producer(apiUrl);
  const parts = {
    sizes,
    data,
    server,
    mails,
    notices,
    mesh,
    ledger,
    kinds,
    apiUrl,
    producer,
    workers,
    logDir,
  };
  const all = stack.move();
  return { ...parts, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
