import type { UmbelError } from "@umbel/protocol";

/** The flags that set the options which errors name. */
const FLAGS: Readonly<Partial<Record<string, string>>> = {
  // Connections
  servers: "--server",
  mesh: "--mesh",
  creds: "--creds",
  inboxPrefix: "--inbox-prefix",
  "tls.ca": "--tls-ca",
  "tls.cert": "--tls-cert",
  "tls.key": "--tls-key",
  // Runs
  task: "<task>",
  runId: "--id",
  queue: "--queue",
  priority: "--priority",
  delay: "--delay",
  at: "--at",
  expires: "--expires",
  key: "--key",
  "retry.maxAttempts": "--max-attempts",
  timeout: "--timeout",
  headers: "--header",
  // Schedules
  id: "<id>",
  cron: "--cron",
  every: "--every",
  solar: "--solar",
  timeZone: "--time-zone",
  "dst.gap": "--gap",
  "dst.repeat": "--repeat",
  start: "--start",
  end: "--end",
  catchUp: "--catch-up",
  catchUpLimit: "--catch-up-limit",
  overlap: "--overlap",
  jitter: "--jitter",
  version: "--if-version",
  maxRuns: "--max-runs",
  deadline: "--deadline",
  // Listings and selections
  state: "--state",
  tag: "--tag",
  since: "--since",
  until: "--until",
  limit: "--limit",
  after: "--after",
  reason: "--reason",
  fingerprint: "--fingerprint",
  // Asking and telling workers
  worker: "<worker>",
  workers: "--worker",
  runIds: "<ids>",
  rate: "<rate>",
  resize: "--concurrency",
  "audit.since": "--since",
  "audit.action": "--action",
  // Workers
  queues: "--queues",
  concurrency: "--concurrency",
  threads: "--threads",
  maxRunsPerThread: "--max-runs-per-thread",
  threadMemory: "--thread-memory",
  ackWait: "--ack-wait",
  drainTimeout: "--drain-timeout",
  health: "--health-port",
  workerName: "--name",
  level: "--log-level",
  // Servers
  port: "--port",
  monitor: "--monitor",
  storeDir: "--store",
  syncInterval: "--sync",
};

/** The message of `error` with the names of options as the user of a command knows them. */
export function flagged(error: UmbelError): string {
  // What the configuration says is known by the names that it uses.
  if (error.details["config"] !== undefined) return error.message;
  let message = error.message;
  const field = error.details["field"];
  if (typeof field === "string" && message.startsWith(field)) {
    const flag = FLAGS[field] ?? FLAGS[field.split(/[.[]/, 1)[0] ?? ""];
    if (flag !== undefined) message = flag + message.slice(field.length);
  }
  // Names that no sentence contains by chance: written like code.
  return message.replaceAll(/\b[a-z]+[A-Z]\w*\b/g, (name) => FLAGS[name] ?? name);
}
