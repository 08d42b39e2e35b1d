import { UmbelError, type ErrorCode } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { INBOX_HINT, isOwnInbox, isRefusedConnection } from "../command-error.ts";
import { connectionOptions, wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { checker, type Check } from "../doctor/check.ts";
import { examine } from "../doctor/examine.ts";
import { checksText } from "../output/checks-text.ts";
import { withBroker } from "../with-client.ts";

/** The flags of `umbel doctor`. */
export interface DoctorFlags extends ConnectionFlags, JsonFlag {
  /** The URL of the server's monitoring. */
  readonly monitor?: string;
  /** Milliseconds. @default 10 minutes */
  readonly stuckAfter?: number;
}

const SECOND_LOOK_MS = 2_000;
const STUCK_AFTER_MS = 600_000;

/** Examine a mesh. The exit code is 1 when something is wrong; warnings do not count. */
export async function doctor(flags: DoctorFlags, deps: CommandDeps): Promise<number> {
  const { mesh = "umbel", servers = "nats://127.0.0.1:4222" } = connectionOptions(flags, deps.env);
  const checks = await examineMesh(flags, deps);
  const healthy = checks.every(({ status }) => status !== "fail");
  const { out } = deps.terminal;
  if (wantsJson(flags, deps.env)) out.line(JSON.stringify({ healthy, mesh, servers, checks }));
  else {
    const title = `mesh ${mesh} at ${String(servers)}`;
    out.line(checksText(checks, { title, paint: out.paint, columns: out.columns }));
  }
  return healthy ? EXIT.ok : EXIT.failed;
}

async function examineMesh(flags: DoctorFlags, deps: CommandDeps): Promise<readonly Check[]> {
  const { err } = deps.terminal;
  try {
    return await withBroker(flags, deps, (connection) =>
      examine(connection, {
        monitor: flags.monitor,
        stuckAfterMs: flags.stuckAfter ?? STUCK_AFTER_MS,
        secondLookMs: SECOND_LOOK_MS,
        onSecondLook: () => {
          if (err.interactive)
            err.line(err.paint("quiet", `runs wait: looking again in ${SECOND_LOOK_MS / 1_000} s …`));
        },
      }),
    );
  } catch (error) {
    if (!UmbelError.is(error) || !FINDINGS.has(error.code) || isRefusedConnection(error)) throw error;
    const advice = isOwnInbox(error) ? INBOX_HINT : "Nothing else can be looked at before this is right.";
    return [checker("server").fail(error.message, advice)];
  }
}

/** Why a server that was reached cannot carry a mesh: what this command is there to find. */
const FINDINGS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "unsupported_server",
  "jetstream_disabled",
  "broker_unavailable",
  "permission_denied",
]);
