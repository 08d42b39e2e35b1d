import {
  encodeHeaders,
  EXPECT_SEQUENCE,
  EXPECT_SUBJECT,
  Publisher,
  SCHEDULE,
  SCHEDULE_TARGET,
  type EncodedHeaders,
} from "@umbel/broker";
import { anywhereSubject, runSubject, UmbelError, type RunAddress } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh } from "./helpers/fresh-mesh.ts";
import { runIds, storedRuns } from "./helpers/runs.ts";

/** Every kind of place that a run can wait in, in two queues. */
const PLACES = ["q", "other"].flatMap((queue): ((runId: string) => RunAddress)[] => [
  (runId) => ({ kind: "ready", queue, priority: "high", task: "t", runId }),
  (runId) => ({ kind: "ready", queue, priority: "normal", task: "t", runId }),
  (runId) => ({ kind: "ready", queue, priority: "low", task: "other.task", runId }),
  (runId) => ({ kind: "keyed", queue, lane: 3, key: "k", runId }),
  (runId) => ({ kind: "delayed", queue, task: "t", runId }),
  (runId) => ({ kind: "retrying", queue, task: "t", runId }),
]);
const ROUNDS = 15;

describe.each(["R1", "R3"] as const)("on %s", (replication) => {
  const broker = useBroker(replication);

  test("of twenty publishes of one id, wherever they go, exactly one is stored", async () => {
    await using mesh = await freshMesh(broker, { queues: ["q", "other"] });
    const connections = await Promise.all(Array.from({ length: 4 }, () => mesh.connect()));
    const racers = connections.flatMap((connection) => {
      const publisher = new Publisher(connection);
      return Array.from({ length: 5 }, () => publisher);
    });
    const rounds = await Promise.all(
      runIds("raced", ROUNDS).map((runId) =>
        Promise.allSettled(
          racers.map((publisher, racer) => {
            const address = addressOf(racer, runId);
            return publisher.publish({
              subject: runSubject(mesh.name, address),
              body: Buffer.from(String(racer)),
              headers: headersOf(mesh.name, address),
            });
          }),
        ),
      ),
    );
    for (const round of rounds) {
      const losers = round.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
      expect(losers).toHaveLength(19);
      expect(losers.filter((error) => !UmbelError.is(error, "conflict"))).toEqual([]);
    }
    expect(await storedRuns(mesh.connection)).toBe(ROUNDS);
    for (const publisher of racers) publisher[Symbol.dispose]();
  });
});

function addressOf(racer: number, runId: string): RunAddress {
  const place = PLACES[racer % PLACES.length];
  if (place === undefined) throw new Error("there is no place to race for");
  return place(runId);
}

function headersOf(mesh: string, address: RunAddress): EncodedHeaders {
  const once: [string, string][] = [
    [EXPECT_SEQUENCE, "0"],
    [EXPECT_SUBJECT, anywhereSubject(mesh, address.runId)],
  ];
  if (address.kind === "ready" || address.kind === "keyed") return encodeHeaders(once);
  const target = runSubject(mesh, { ...address, kind: "ready", priority: "normal" });
  return encodeHeaders([...once, [SCHEDULE, "@at 2099-01-01T00:00:00Z"], [SCHEDULE_TARGET, target]]);
}
