import { invalidArgument, UmbelError } from "@umbel/protocol";

/** What a server's monitoring says, and its clients are not told. */
export interface MonitorFacts {
  readonly serverId: string;
  /** Whether writes are forced to the disk before they are acknowledged; else how often they are. */
  readonly sync: { readonly kind: "always" } | { readonly kind: "interval"; readonly ms: number };
  /** What its streams take on disk, and may take; absent without a limit. */
  readonly storage?: { readonly usedBytes: number; readonly maxBytes: number };
}

const TIMEOUT_MS = 5_000;
const NANOS_PER_MS = 1_000_000;
/** What nats-server does when its configuration says nothing. */
const DEFAULT_SYNC_MS = 120_000;

/**
 * Read `/varz` of a server's monitoring at `url`.
 *
 * @throws UmbelError `invalid_argument` for what is no URL, `broker_unavailable` when it does not answer.
 */
export async function readMonitor(url: string): Promise<MonitorFacts> {
  const page = monitorPage(url);
  let varz: unknown;
  try {
    const response = await fetch(page, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    varz = await response.json();
  } catch (cause) {
    throw new UmbelError(
      "broker_unavailable",
      `${page.href} does not answer as a server's monitoring: ${reasonOf(cause)}`,
      {
        cause,
      },
    );
  }
  return readFacts(varz, page);
}

function monitorPage(url: string): URL {
  const page = URL.parse(url.includes("://") ? url : `http://${url}`);
  if (page === null || !page.protocol.startsWith("http")) {
    throw invalidArgument({
      field: "--monitor",
      received: url,
      expected: 'a URL such as "http://127.0.0.1:8222"',
    });
  }
  page.pathname = `${page.pathname.replace(/\/(?:varz)?$/, "")}/varz`;
  return page;
}

function readFacts(varz: unknown, page: URL): MonitorFacts {
  const serverId = field(varz, "server_id");
  const config = field(field(varz, "jetstream"), "config");
  if (typeof serverId !== "string" || config === undefined) {
    throw new UmbelError(
      "broker_unavailable",
      `${page.href} is not the monitoring of a nats-server with JetStream`,
    );
  }
  return { serverId, sync: readSync(config), ...readStorage(field(varz, "jetstream")) };
}

function readSync(config: unknown): MonitorFacts["sync"] {
  if (field(config, "sync_always") === true) return { kind: "always" };
  const nanos = field(config, "sync_interval");
  return { kind: "interval", ms: typeof nanos === "number" ? nanos / NANOS_PER_MS : DEFAULT_SYNC_MS };
}

function readStorage(jetstream: unknown): Pick<MonitorFacts, "storage"> {
  const maxBytes = field(field(jetstream, "config"), "max_storage");
  const usedBytes = field(field(jetstream, "stats"), "storage");
  if (typeof maxBytes !== "number" || maxBytes <= 0 || typeof usedBytes !== "number") return {};
  return { storage: { usedBytes, maxBytes } };
}

// `fetch` says only that it failed; why is in the cause.
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
