import { isObject } from "../run/server-answer.ts";

/** What one server of a cluster reports of the group that decides about streams. */
export interface MetaReport {
  readonly server: string;
  /** The leader that it knows; `undefined` when there is none. */
  readonly leader: string | undefined;
  /** Known by the leader only. */
  readonly followers: readonly { readonly name: string; readonly current: boolean }[];
}

/** Read the JSON of a server's `/jsz`. A field that is not there counts as not ready. */
export function readMetaReport(jsz: unknown, server: string): MetaReport {
  const meta = isObject(jsz) ? jsz["meta_cluster"] : undefined;
  if (!isObject(meta)) return { server, leader: undefined, followers: [] };
  const { leader, replicas } = meta;
  return {
    server,
    leader: typeof leader === "string" && leader !== "" ? leader : undefined,
    followers: (Array.isArray(replicas) ? replicas : []).filter(isObject).map((replica) => ({
      name: String(replica["name"]),
      current: replica["current"] === true && replica["offline"] !== true,
    })),
  };
}

/** What a cluster still lacks until streams can be made on all of it; `undefined` when nothing. */
export function metaGroupGap(reports: readonly MetaReport[]): string | undefined {
  const leaderless = reports.find((report) => report.leader === undefined);
  if (leaderless !== undefined) return `${leaderless.server} knows no leader`;
  if (new Set(reports.map((report) => report.leader)).size > 1) return "the servers do not agree on a leader";
  const leader = reports.find((report) => report.server === report.leader);
  if (leader === undefined) return "the leader is none of the servers";
  const current = leader.followers.filter((follower) => follower.current);
  const missing = reports.filter(
    ({ server }) => server !== leader.server && !current.some(({ name }) => name === server),
  );
  return missing.length === 0
    ? undefined
    : `${missing.map(({ server }) => server).join(", ")} is not up to date`;
}
