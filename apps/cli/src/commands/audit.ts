import type { AuditEntry, AuditQuery } from "@umbel/client";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { renderJson } from "../output/json.ts";
import { isoTime } from "../output/time.ts";
import { withClient } from "../with-client.ts";
import { auditText } from "../workers/audit-text.ts";

/** The flags of `umbel audit`. */
export interface AuditFlags extends ConnectionFlags, JsonFlag {
  /** Milliseconds. */
  readonly since?: number;
  readonly action?: string;
  readonly limit?: number;
}

/** Show what operators did, the latest last. */
export async function audit(flags: AuditFlags, deps: CommandDeps): Promise<number> {
  const { since, action, limit } = flags;
  const query = trust(defined({ since, action, limit }));
  const { entries, more } = await withClient({ flags, options: { provision: false } }, deps, (mesh) =>
    mesh.audit.list(query),
  );
  const { out, err } = deps.terminal;
  if (wantsJson(flags, deps.env)) out.line(renderJson({ entries: entries.map(entryJson), more }));
  else {
    out.line(auditText(entries, { paint: out.paint }));
    if (more) err.line("there are earlier ones: --limit shows more");
  }
  return EXIT.ok;
}

function entryJson(entry: AuditEntry): object {
  return { ...entry, at: isoTime(entry.at), endedAt: isoTime(entry.endedAt) };
}

// The client checks it, and says what is accepted.
function trust(query: object): AuditQuery {
  return query;
}
