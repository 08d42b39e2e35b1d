import {
  encodeHeaders,
  EXPECT_SEQUENCE,
  findOverdueSchedules,
  refireSchedule,
  SCHEDULE,
  SCHEDULE_TARGET,
  type OverdueSchedule,
} from "@umbel/broker";
import { eventually } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, type FreshMesh } from "./helpers/fresh-mesh.ts";
import { firstPublish, readySubject, runIds } from "./helpers/runs.ts";

const LATER = "@at 2099-01-01T00:00:00Z";
/** For one who looks from so far ahead, what is due in 2099 is overdue. */
const FROM_2100 = -(Date.UTC(2100, 0) - Date.now());
const BODY = new Uint8Array([7]);

const subjectOf = (mesh: FreshMesh, runId: string): string => `${mesh.name}.S.q.d.t.${runId}`;

interface Details {
  readonly schedule?: string;
  readonly body?: Uint8Array;
  readonly expected?: number;
}

async function schedule(mesh: FreshMesh, runId: string, details: Details = {}): Promise<number> {
  const headers = encodeHeaders([
    [EXPECT_SEQUENCE, String(details.expected ?? 0)],
    [SCHEDULE, details.schedule ?? LATER],
    [SCHEDULE_TARGET, readySubject(mesh.name, runId)],
    ["Umbel", "1;t;5;o"],
    ["tenant", "a"],
  ]);
  const body = details.body ?? BODY;
  return (await mesh.publisher.publish({ subject: subjectOf(mesh, runId), body, headers })).sequence;
}

async function overdueIn(mesh: FreshMesh, overdueMs = FROM_2100): Promise<readonly OverdueSchedule[]> {
  return (await findOverdueSchedules(mesh.connection, { from: 1, overdueMs })).overdue;
}

describe.each(["R1", "R3"] as const)("on %s", (replication) => {
  const broker = useBroker(replication);

  test("a schedule is overdue from a while after it should have fired, and not before", async () => {
    await using mesh = await freshMesh(broker);
    const firesAt = Date.now() + 60_000;
    await schedule(mesh, "a", { schedule: `@at ${new Date(firesAt).toISOString()}` });
    const found = await eventually("it can be read", async () => (await overdueIn(mesh))[0]);
    expect(found).toMatchObject({ subject: subjectOf(mesh, "a"), firesAt });
    expect([...found.body]).toEqual([...BODY]);
    expect(await overdueIn(mesh, 0)).toEqual([]);
    expect(await overdueIn(mesh, 15_000)).toEqual([]);
    expect(await overdueIn(mesh, -60_000)).toHaveLength(1);
  });

  test("it is replaced by itself, with all that it said, and nothing that the server adds", async () => {
    await using mesh = await freshMesh(broker);
    const sequence = await schedule(mesh, "a");
    const found = await eventually("it can be read", async () => (await overdueIn(mesh))[0]);
    expect(found.sequence).toBe(sequence);
    expect(await refireSchedule(mesh.publisher, found)).toBe(true);
    const again = await eventually("its successor can be read", async () => {
      const [other] = await overdueIn(mesh);
      return other !== undefined && other.sequence > sequence && other;
    });
    expect({ ...again, sequence }).toEqual(found);
    expect(Object.fromEntries(again.headers)).toEqual({
      "Nats-Schedule": LATER,
      "Nats-Schedule-Target": readySubject(mesh.name, "a"),
      Umbel: "1;t;5;o",
      tenant: "a",
    });
  });

  test("it is left alone once it was replaced or removed", async () => {
    await using mesh = await freshMesh(broker);
    const sequence = await schedule(mesh, "a");
    const found = await eventually("it can be read", async () => (await overdueIn(mesh))[0]);
    await schedule(mesh, "a", { expected: sequence });
    expect(await refireSchedule(mesh.publisher, found)).toBe(false);
    const { manager, streams } = mesh.connection;
    await manager.streams.purge(streams.tasks, { filter: subjectOf(mesh, "a") });
    expect(await refireSchedule(mesh.publisher, found)).toBe(false);
  });
});

describe("a look", () => {
  const broker = useBroker("R1");

  test("sees no ready runs, and no schedules that repeat", async () => {
    await using mesh = await freshMesh(broker);
    await mesh.publisher.publish(firstPublish(mesh.name, "ready"));
    await schedule(mesh, "cron", { schedule: "0 0 0 1 1 *" });
    expect(await findOverdueSchedules(mesh.connection, { from: 1, overdueMs: FROM_2100 })).toEqual({
      overdue: [],
      scanned: 1,
      next: 1,
    });
  });

  test("finds nothing where nothing is", async () => {
    await using mesh = await freshMesh(broker);
    const nothing = { overdue: [], scanned: 0, next: 1 };
    expect(await findOverdueSchedules(mesh.connection, { from: 1, overdueMs: 0 })).toEqual(nothing);
    expect(await findOverdueSchedules(mesh.connection, { from: 9_999, overdueMs: 0 })).toEqual(nothing);
  });

  test("is bounded, and the next one goes on where it ended", async () => {
    await using mesh = await freshMesh(broker);
    const ids = runIds("many", 700);
    await Promise.all(ids.map((runId) => schedule(mesh, runId)));
    const seen: string[] = [];
    let from = 1;
    const scans: number[] = [];
    do {
      const options = { from, overdueMs: FROM_2100, pages: 1 };
      const { overdue, scanned, next } = await findOverdueSchedules(mesh.connection, options);
      seen.push(...overdue.map(({ subject }) => subject));
      scans.push(scanned);
      from = next;
    } while (from !== 1);
    expect(scans).toEqual([256, 256, 188]);
    expect(new Set(seen)).toEqual(new Set(ids.map((runId) => subjectOf(mesh, runId))));
  });

  test("gets past runs that are larger than a page", async () => {
    await using mesh = await freshMesh(broker);
    const body = new Uint8Array(1_500_000);
    for (const runId of ["a", "b", "c"]) await schedule(mesh, runId, { body });
    expect(await overdueIn(mesh)).toHaveLength(3);
  });

  test("at a mesh that is not there says so", async () => {
    await using mesh = await freshMesh(broker);
    const { manager, streams } = mesh.connection;
    await manager.streams.delete(streams.tasks);
    await expect(findOverdueSchedules(mesh.connection, { from: 1, overdueMs: 0 })).rejects.toMatchObject({
      code: "not_provisioned",
    });
  });
});
