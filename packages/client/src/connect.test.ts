import { describe, expect, test } from "vitest";
import { connect } from "./connect.ts";

// What a caller without types may pass. A wrong option is refused before anything is connected to.
const connecting = (options: unknown): Promise<unknown> => Reflect.apply(connect, undefined, [options]);

describe("connecting with a wrong option is refused with its name and what was received", () => {
  test.each<[options: unknown, field: string, received: string]>([
    [null, "connect", "null"],
    [{ server: "nats://a" }, "connect.server", '"nats://a"'],
    [{ provision: true }, "provision", "true"],
    [{ provision: null }, "provision", "null"],
    [{ provision: 3 }, "provision", "3"],
    [{ provision: { replica: 3 } }, "provision.replica", "3"],
    [{ provision: { replicas: 2 } }, "provision.replicas", "2"],
    [{ provision: { replicas: "3" } }, "provision.replicas", '"3"'],
    [{ mesh: "My Mesh" }, "mesh", '"My Mesh"'],
    [{ connectTimeout: 0 }, "connectTimeout", "0"],
  ])("%o", async (options, field, received) => {
    await expect(connecting(options)).rejects.toMatchObject({
      code: "invalid_argument",
      details: { field, received },
    });
  });

  test("an unknown one with what it may be meant for", async () => {
    await expect(connecting({ provision: { replica: 3 } })).rejects.toMatchObject({
      message: expect.stringContaining('Did you mean "replicas"?'),
    });
  });
});
