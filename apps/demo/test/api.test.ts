import { connect, type Mesh } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createApi } from "../src/api/api.ts";
import { runKinds } from "../src/api/run-kinds.ts";
import { RunLedger } from "../src/run-ledger.ts";

const chunk = { key: "JFK", delays: [1, 2, 3], distances: [10, 20, 30] };
const acknowledged = z.object({
  runs: z.array(z.object({ id: z.string(), key: z.string() })),
  receipt: z.object({ storage: z.string(), survives: z.array(z.string()) }),
});

describe("the API", () => {
  let server: LocalServer;
  let mesh: Mesh;
  let ledger: RunLedger;
  let api: FastifyInstance;

  beforeAll(async () => {
    server = await startServer();
    mesh = await connect({ servers: server.url });
    ledger = new RunLedger(() => []);
    const kinds = runKinds({ departures: [], airports: [chunk], days: [chunk] });
    api = createApi({ mesh, ledger, kinds, summary: () => ({ runs: ledger.entries.length }) });
  });

  afterAll(async () => {
    await api.close();
    await mesh.close();
    await server.stop();
  });

  it("enqueues runs and says what their acknowledgement means", async () => {
    const reply = await api.inject({ method: "POST", url: "/runs/day", payload: { keys: ["JFK"] } });
    expect(reply.statusCode).toBe(202);
    const { runs, receipt } = acknowledged.parse(reply.json());
    expect(runs.map(({ key }) => key)).toEqual(["JFK"]);
    expect(receipt).toEqual({ storage: "file", survives: ["server-restart"] });
    expect(await mesh.run(runs[0]?.id ?? "").state()).toBe("queued");
    expect(ledger.get(runs[0]?.id ?? "")).toMatchObject({ kind: "day", key: "JFK" });
    const found = await api.inject(`/runs/${runs[0]?.id}`);
    expect(found.json()).toMatchObject({ state: "queued", task: "mail.send", kind: "day", key: "JFK" });
    expect((await api.inject("/summary")).json()).toEqual({ runs: 1 });
  });

  it.each([
    ["an unknown kind", { url: "/runs/train", payload: { keys: ["JFK"] } }, "one of departure"],
    ["an unknown key", { url: "/runs/airport", payload: { keys: ["QQQ"] } }, '"QQQ"'],
    ["no keys", { url: "/runs/airport", payload: { keys: [] } }, "keys"],
    ["keys that are no list", { url: "/runs/airport", payload: { keys: "JFK" } }, "keys"],
    [
      "too many keys",
      { url: "/runs/airport", payload: { keys: Array.from({ length: 1_001 }, () => "JFK") } },
      "keys",
    ],
    [
      "a field that it does not know",
      { url: "/runs/airport", payload: { keys: ["JFK"], queue: "x" } },
      "queue",
    ],
    ["no body", { url: "/runs/airport" }, "expected object"],
  ])("refuses %s", async (_what, request, words) => {
    const before = ledger.entries.length;
    const reply = await api.inject({ method: "POST", ...request });
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ error: { code: "invalid_argument" } });
    expect(reply.body).toContain(words.replaceAll('"', '\\"'));
    expect(ledger.entries).toHaveLength(before);
  });

  it("says what it knows when asked for something else", async () => {
    const reply = await api.inject("/queues");
    expect(reply.statusCode).toBe(404);
    expect(reply.body).toContain("GET /summary");
  });

  it("knows no run that never was", async () => {
    const unknown = await api.inject("/runs/01J00000000000000000000000");
    expect(unknown.statusCode).toBe(404);
    expect((await api.inject("/runs/not.an.id")).statusCode).toBe(400);
  });
});
