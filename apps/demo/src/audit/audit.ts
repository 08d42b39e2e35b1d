import { eventually } from "@umbel/runtime";
import type { FaultFree } from "../phases/fault-free.ts";
import type { Faults } from "../phases/faults.ts";
import type { Stage } from "../stage.ts";
import { coversData } from "../summary/answer.ts";
import type { Evidence } from "../summary/promises.ts";
import { findingsOf } from "./findings.ts";
import { gatherFacts } from "./gather-facts.ts";
import { readServerCounts, type ServerCounts } from "./server-counts.ts";

/** What the phases have measured. */
export interface Measured {
  readonly faultFree: FaultFree;
  readonly inlineLoopDelayP99Ms: number;
  readonly faults: Faults;
}

const MAIL_KINDS: ReadonlySet<string> = new Set(["mail", "day"]);

/** Ask the store, the server, the SMTP server and the auditor what became of all runs. @throws UmbelError */
export async function audit(stage: Stage, measured: Measured): Promise<Evidence> {
  const { server, ledger, notices, mails, data, kinds, sizes } = stage;
  const { entries } = ledger;
  const facts = await gatherFacts({ servers: server.url, entries, notices });
  const mailRunIds = entries.filter(({ kind }) => MAIL_KINDS.has(kind)).map(({ id }) => id);
  const arrivedIds = mails.runIds;
  return {
    ...measured,
    findings: findingsOf(facts, notices.all),
    server: await settledCounts(stage),
    mails: {
      expected: mailRunIds.length,
      missing: mailRunIds.filter((id) => !arrivedIds.has(id)).length,
      arrived: mails.arrived,
    },
    complete: coversData(entries, data),
    poisonRuns: kinds.get("poison")?.keys.size ?? 0,
    ackWaitMs: sizes.ackWaitMs,
  };
}

// The message of a run is removed a moment after its outcome is there.
async function settledCounts({ server, mesh }: Stage): Promise<ServerCounts> {
  const read = (): Promise<ServerCounts> => readServerCounts(server.monitorUrl ?? "", mesh.name);
  const settled = eventually("queues without runs", async () => {
    const counts = await read();
    return counts.waiting === 0 && counts;
  });
  return settled.catch(read);
}
