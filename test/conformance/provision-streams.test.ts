import { connectBroker, inspectStreams, provisionStreams, type BrokerConnection } from "@umbel/broker";
import { RetentionPolicy, type StreamConfig, type StreamUpdateConfig } from "@nats-io/jetstream";
import { startServer } from "@umbel/nats-server";
import { streamSpecs } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { useBroker, type Broker } from "./helpers/broker.ts";
import { freshMeshName } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";

const freshConnection = (broker: Broker): Promise<BrokerConnection> =>
  connectBroker({ servers: broker.urls, mesh: freshMeshName() });

describe.each(["R1", "R3"] as const)("on %s", (replication) => {
  const broker = useBroker(replication);
  const { replicas } = broker;

  test("every stream is made as it must be; the second time nothing is touched", async () => {
    await using connection = await freshConnection(broker);
    const made = Object.values(connection.streams).map((name) => ({ name, replicas, storage: "file" }));
    await expect(provisionStreams(connection, { replicas })).resolves.toEqual(
      made.map((stream) => ({ ...stream, action: "created" })),
    );
    const before = await configs(connection);
    await expect(provisionStreams(connection, { replicas })).resolves.toEqual(
      made.map((stream) => ({ ...stream, action: "unchanged" })),
    );
    expect(await configs(connection)).toEqual(before);
    const inspected = await inspectStreams(connection);
    expect(inspected.map(({ differences }) => differences)).toEqual(made.map(() => []));
  });

  test("a cluster keeps three copies, a server alone one, unless told otherwise", async () => {
    await using connection = await freshConnection(broker);
    const streams = await provisionStreams(connection);
    expect(streams.map((stream) => stream.replicas)).toEqual(streams.map(() => replicas));
  });

  test("ten processes that start together make them once", async () => {
    const mesh = freshMeshName();
    const connections = await Promise.all(
      Array.from({ length: 10 }, () => connectBroker({ servers: broker.urls, mesh })),
    );
    const [first] = connections;
    const made = await Promise.all(
      connections.map((connection) => provisionStreams(connection, { replicas })),
    );
    const seen = new Set(
      made.flat().map(({ name, action }) => `${name} ${action === "updated" ? action : "made"}`),
    );
    expect([...seen].toSorted()).toEqual(
      streamSpecs(mesh)
        .map(({ name }) => `${name} made`)
        .toSorted(),
    );
    const inspected = first === undefined ? [] : await inspectStreams(first);
    expect(inspected.map(({ found, differences }) => [found?.replicas, differences])).toEqual(
      inspected.map(() => [replicas, []]),
    );
    expect(inspected).toHaveLength(8);
    await Promise.all(connections.map((connection) => connection.close()));
  });

  test("the copies that an operator has chosen are kept", async () => {
    await using connection = await freshConnection(broker);
    await provisionStreams(connection, { replicas: 1 });
    const again = await provisionStreams(connection, { replicas: 3 });
    expect(again.map(({ action, replicas: kept }) => [action, kept])).toEqual(
      again.map(() => ["unchanged", 1]),
    );
  });
});

describe("a stream that is not as it must be", () => {
  const broker = useBroker("R1");

  test.each<["tasks" | "results" | "deadLetters", Partial<StreamUpdateConfig>]>([
    ["tasks", { max_msgs_per_subject: 5 }],
    ["tasks", { allow_direct: false }],
    ["tasks", { allow_atomic: false }],
    ["tasks", { max_msgs: 1_000_000 }],
    ["tasks", { max_bytes: 1_000_000_000 }],
    ["tasks", { max_age: 3_600_000_000_000 }],
    ["results", { max_msgs_per_subject: 64 }],
    ["results", { subject_delete_marker_ttl: 60_000_000_000 }],
    ["results", { republish: { src: "$KV.>", dest: "elsewhere.>" } }],
    ["deadLetters", { subjects: ["elsewhere.D.*.*.*"] }],
  ])("is set right: %s with %o", async (stream, change) => {
    await using connection = await freshConnection(broker);
    await provisionStreams(connection);
    const name = connection.streams[stream];
    const before = await connection.manager.streams.info(name);
    await connection.manager.streams.update(name, { ...before.config, ...change });
    const inspected = (await inspectStreams(connection)).find((found) => found.name === name);
    expect(inspected?.differences).toMatchObject([{ setting: Object.keys(change)[0], mutable: true }]);
    const provisioned = await provisionStreams(connection);
    const touched = provisioned.filter(({ action }) => action !== "unchanged");
    expect(touched).toMatchObject([{ name, action: "updated" }]);
    expect((await connection.manager.streams.info(name)).config).toEqual(before.config);
  });

  test("that lacks a feature gets it", async () => {
    await using connection = await freshConnection(broker);
    await makeTasksStream(connection, { allow_msg_ttl: false, allow_msg_schedules: false });
    expect((await provisionStreams(connection))[0]).toMatchObject({ action: "updated" });
    const { config } = await connection.manager.streams.info(connection.streams.tasks);
    expect(config).toMatchObject({ allow_msg_ttl: true, allow_msg_schedules: true });
  });

  test("in a way that no update can mend is a config_conflict that names the setting", async () => {
    await using connection = await freshConnection(broker);
    await makeTasksStream(connection, { retention: RetentionPolicy.Limits, max_msgs_per_subject: 7 });
    const error = await rejection(provisionStreams(connection));
    expect(error).toMatchObject({
      code: "config_conflict",
      details: {
        stream: connection.streams.tasks,
        differences: [{ setting: "retention", found: "limits", needed: "workqueue", mutable: false }],
      },
    });
    expect(error.message).toContain('retention is "limits" and must be "workqueue"');
    const { config } = await connection.manager.streams.info(connection.streams.tasks);
    expect(config.max_msgs_per_subject).toBe(7);
  });

  test("keeps what is its operator's: age and description, and size where no promise rests on what it drops", async () => {
    await using connection = await freshConnection(broker);
    await provisionStreams(connection);
    const { results, deadLetters, events } = connection.streams;
    const theirs = { max_bytes: 50_000_000, max_age: 7_200_000_000_000, description: "theirs" };
    for (const name of [results, deadLetters, events]) {
      const { config } = await connection.manager.streams.info(name);
      await connection.manager.streams.update(name, { ...config, ...theirs });
    }
    const again = await provisionStreams(connection);
    const changed = again.filter(({ action }) => action !== "unchanged");
    expect(changed).toMatchObject([{ name: results, action: "updated" }]);
    const found = await Promise.all(
      [results, deadLetters, events].map(
        async (name) => (await connection.manager.streams.info(name)).config,
      ),
    );
    expect(found).toMatchObject([{ ...theirs, max_bytes: -1 }, theirs, theirs]);
  });
});

describe("refusals", () => {
  const broker = useBroker("R1");

  test("missing streams are reported, not made, by a look", async () => {
    await using connection = await freshConnection(broker);
    const inspected = await inspectStreams(connection);
    expect(inspected.map(({ name, found }) => [name, found])).toEqual(
      streamSpecs(connection.mesh).map(({ name }) => [name, undefined]),
    );
  });

  test("subjects that another stream takes are a config_conflict", async () => {
    await using connection = await freshConnection(broker);
    await connection.manager.streams.add({
      name: `other-${connection.mesh}`,
      subjects: [`${connection.mesh}.T.>`],
    });
    await expect(rejection(provisionStreams(connection))).resolves.toMatchObject({ code: "config_conflict" });
  });

  test("more copies than there are servers are refused in the server's words", async () => {
    await using connection = await freshConnection(broker);
    const error = await rejection(provisionStreams(connection, { replicas: 3 }));
    expect(error.message).toContain("replicas > 1 not supported in non-clustered mode");
  });

  test("a user who may not make streams is told which subject to be granted", async () => {
    const deny = (subject: string): string => `permissions: { publish: { deny: ["${subject}"] } }`;
    await using server = await startServer({
      extraConfig: `
        authorization { users: [
          { user: maker, password: p, ${deny("$JS.API.STREAM.CREATE.>")} }
          { user: looker, password: p, ${deny("$JS.API.STREAM.INFO.>")} }
        ] }`,
    });
    const as = (user: string) => connectBroker({ servers: server.url, user, password: "p" });
    await using maker = await as("maker");
    await using looker = await as("looker");
    const made = await rejection(provisionStreams(maker));
    expect(made).toMatchObject({ code: "permission_denied", details: { operation: "publish" } });
    expect(made.message).toMatch(
      /\$JS\.API\.STREAM\.CREATE\.(UMBEL_TASKS|KV_umbel_results|UMBEL_DLQ|KV_umbel_leases)/,
    );
    await expect(rejection(inspectStreams(looker))).resolves.toMatchObject({ code: "permission_denied" });
  });
});

async function configs(connection: BrokerConnection): Promise<readonly StreamConfig[]> {
  const infos = streamSpecs(connection.mesh).map(({ name }) => connection.manager.streams.info(name));
  return (await Promise.all(infos)).map(({ config }) => config);
}

async function makeTasksStream(connection: BrokerConnection, change: Partial<StreamConfig>): Promise<void> {
  const { mesh, manager, streams } = connection;
  await manager.streams.add({
    name: streams.tasks,
    subjects: [`${mesh}.T.*.*.*.*`, `${mesh}.K.*.*.*.*`, `${mesh}.S.*.*.*.*`],
    retention: RetentionPolicy.Workqueue,
    max_msgs_per_subject: 1,
    ...change,
  });
}
