import { QueueConfigs } from "@umbel/broker";
import { DEFAULT_QUEUE_CONFIG, queueConfigSubject, type QueueConfig } from "@umbel/protocol";
import { eventually } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";

describe.each(["R1", "R3"] as const)("on %s", (replication) => {
  const broker = useBroker(replication);

  test("a definition is the default, then what was decided, and is heard once it is stored", async () => {
    await using mesh = await freshMesh(broker);
    const configs = new QueueConfigs(mesh.connection);
    const heard: [string, number][] = [];
    configs.onChange((queue, { version }) => heard.push([queue, version]));
    expect(await configs.read("q")).toEqual(DEFAULT_QUEUE_CONFIG);
    const keyed = await configs.change("q", mesh.publisher, (current) => ({ ...current, keyed: true }));
    expect(keyed).toEqual({ ...DEFAULT_QUEUE_CONFIG, version: 1, keyed: true });
    expect(await configs.change("q", mesh.publisher, () => undefined)).toEqual(keyed);
    expect(await configs.read("q")).toEqual(keyed);
    await configs.change("a", mesh.publisher, (current) => ({ ...current, lanes: 3 }));
    expect((await configs.list()).map(({ queue, config }) => [queue, config.version, config.lanes])).toEqual([
      ["a", 1, 3],
      ["q", 1, 8],
    ]);
    await eventually("both are heard", () => heard.length === 2);
    expect(heard).toEqual([
      ["q", 1],
      ["a", 1],
    ]);
  });

  test("of many changes at a time none is lost", async () => {
    await using mesh = await freshMesh(broker);
    const configs = new QueueConfigs(mesh.connection);
    const more = (current: QueueConfig): QueueConfig => ({ ...current, lanes: (current.lanes % 32) + 1 });
    await Promise.all(Array.from({ length: 10 }, () => configs.change("q", mesh.publisher, more)));
    expect(await configs.read("q")).toMatchObject({ version: 10, lanes: 18 });
  });
});

describe("a definition", () => {
  const broker = useBroker("R1");

  test("that nobody can read decides nothing, and is replaced", async () => {
    await using mesh = await freshMesh(broker);
    const configs = new QueueConfigs(mesh.connection);
    const heard: string[] = [];
    configs.onChange((queue) => heard.push(queue));
    await mesh.connection.nats.request(queueConfigSubject(mesh.name, "q"), "by hand");
    expect(await configs.read("q")).toEqual(DEFAULT_QUEUE_CONFIG);
    expect(await configs.list()).toEqual([]);
    await configs.change("q", mesh.publisher, (current) => ({ ...current, keyed: true }));
    expect(await configs.read("q")).toMatchObject({ version: 1, keyed: true });
    await eventually("it is heard", () => heard.length > 0);
    expect(heard).toEqual(["q"]);
  });

  test("cannot be read without its stream", async () => {
    await using mesh = await freshMesh(broker);
    await mesh.connection.manager.streams.delete(mesh.connection.streams.config);
    const configs = new QueueConfigs(mesh.connection);
    for (const work of [configs.read("q"), configs.list()]) {
      expect(await rejection(work)).toMatchObject({ code: "not_provisioned" });
    }
  });
});
