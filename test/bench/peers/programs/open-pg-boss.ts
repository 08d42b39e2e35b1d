import { loadPeer } from "../install/load-peer.ts";
import type { PgBossClient, PgBossModule } from "./pg-boss-api.ts";

/** Connect to pg-boss, with its workers woken by NOTIFY and without its housekeeping. */
export async function openPgBoss(url: string): Promise<PgBossClient> {
  const { PgBoss } = await loadPeer<PgBossModule>("pg-boss");
  const boss = new PgBoss({
    connectionString: url,
    supervise: false,
    schedule: false,
    useListenNotify: true,
  });
  boss.on("error", (error) => process.stderr.write(`pg-boss: ${String(error)}\n`));
  await boss.start();
  return boss;
}
