// Plain schedules of the server, fired at the moment that they name, as a bare consumer sees them stored.
import { consumerName, streamNames, runSubject } from "@umbel/protocol";
import { dueAtOf, Lateness } from "../measure/lateness.ts";
import { joinParent } from "../processes/parent.ts";
import { BENCH_QUEUE, due } from "../work/tasks.ts";
import { connectRaw, MESH } from "./connection.ts";
import { EncodedHeaders } from "./encoded-headers.ts";
import { LeanPublisher } from "./lean-publisher.ts";
import { pullLean } from "./lean-pull.ts";
import { CREATE_ONLY } from "./run-message.ts";

const BATCH = 1_000;
const NANOS_PER_MS = 1_000_000;
const ACK = Buffer.from("+ACK");
const NOTHING = new Uint8Array();

const parent = joinParent();
const { n, url } = parent.settings;
const nats = await connectRaw(url);
const publisher = new LeanPublisher(nats);
const lateness = new Lateness(n);
const consumer = consumerName(BENCH_QUEUE, "normal");
const stop = pullLean(nats, { stream: streamNames(MESH).tasks, consumer, batch: BATCH }, (message) => {
  // `$JS.ACK.<stream>.<consumer>.<count>.<sequence>.<sequence>.<time stored>.<pending>`
  const storedAt = Number(message.reply?.split(".").at(-2)) / NANOS_PER_MS;
  lateness.note(Number(message.headers?.get("due")), storedAt);
  nats.publish(message.reply ?? "", ACK);
});
parent.tell("ready");

const { firstDueAt = 0 } = (await parent.next("go")).values;
for (let index = 0; index < n; index++) publish(index, dueAtOf(index, firstDueAt, n));
parent.tell("measured", await lateness.figures());
await parent.next("end");
stop();
await nats.close();
parent.leave();

function publish(index: number, dueAt: number): void {
  const run = { queue: BENCH_QUEUE, task: due.name, runId: `raw-${index}` };
  const headers = new EncodedHeaders({
    ...CREATE_ONLY,
    "Nats-Schedule": `@at ${new Date(dueAt).toISOString()}`,
    "Nats-Schedule-Target": runSubject(MESH, { kind: "ready", priority: "normal", ...run }),
    due: String(dueAt),
  });
  const subject = runSubject(MESH, { kind: "delayed", ...run });
  publisher.publish({ subject, body: NOTHING, headers }, () => undefined);
}
