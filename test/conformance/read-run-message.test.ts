import { connectBroker, encodeHeaders, readRunMessage, SCHEDULE, SCHEDULE_TARGET } from "@umbel/broker";
import { formatRunHeader, RUN_HEADER, runSubject, type RunAddress } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, freshMeshName, type FreshMesh } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";

const READY: RunAddress = { kind: "ready", queue: "q", priority: "low", task: "t", runId: "a" };
const DELAYED: RunAddress = { kind: "delayed", queue: "q", task: "t", runId: "a" };
const RUN = formatRunHeader({ task: "t", enqueuedAt: 1, origin: "test", attempt: 1, verify: false });
const BODY = new Uint8Array([1, 2, 3]);

describe.each(["R1", "R3"] as const)("reading the whole message of a run on %s", (kind) => {
  const broker = useBroker(kind);

  test("gives its place, its headers in order, its body and when the server stored it", async () => {
    await using mesh = await freshMesh(broker);
    const sequence = await put(mesh, DELAYED);
    const message = await readRunMessage(mesh.connection, "a");
    expect(message).toMatchObject({
      address: DELAYED,
      subject: runSubject(mesh.name, DELAYED),
      sequence,
      runHeader: RUN,
      headers: expect.arrayContaining([
        [SCHEDULE, "@at 2200-01-01T00:00:00.000Z"],
        [RUN_HEADER, RUN],
        ["own", "1"],
      ]),
    });
    expect([...(message?.body ?? [])]).toEqual([...BODY]);
    expect(Math.abs((message?.storedAt ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test("looks for the ready one only, if asked to", async () => {
    await using mesh = await freshMesh(broker);
    await put(mesh, DELAYED);
    expect(await readRunMessage(mesh.connection, "a", "ready")).toBeUndefined();
    const sequence = await put(mesh, READY);
    expect(await readRunMessage(mesh.connection, "a", "ready")).toMatchObject({ sequence, address: READY });
    expect(await readRunMessage(mesh.connection, "b")).toBeUndefined();
  });

  test("in a mesh that does not exist is not_provisioned", async () => {
    await using connection = await connectBroker({ servers: broker.urls, mesh: freshMeshName() });
    expect(await rejection(readRunMessage(connection, "a"))).toMatchObject({ code: "not_provisioned" });
  });
});

async function put(mesh: FreshMesh, address: RunAddress): Promise<number> {
  const target = runSubject(mesh.name, READY);
  const { sequence } = await mesh.publisher.publish({
    subject: runSubject(mesh.name, address),
    body: BODY,
    headers: encodeHeaders([
      ...(address.kind === "ready"
        ? []
        : ([
            [SCHEDULE, "@at 2200-01-01T00:00:00.000Z"],
            [SCHEDULE_TARGET, target],
          ] as const)),
      [RUN_HEADER, RUN],
      ["own", "1"],
    ]),
  });
  return sequence;
}
