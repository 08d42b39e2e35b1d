import Fastify, { type FastifyInstance } from "fastify";
import type { Mesh, Receipt } from "@umbel/client";
import { invalidArgument, UmbelError } from "@umbel/protocol";
import { z } from "zod";
import type { RunLedger } from "../run-ledger.ts";
import { errorReply } from "./error-reply.ts";
import type { RunKind } from "./run-kinds.ts";

/** What the API is made of. */
export interface ApiDeps {
  readonly mesh: Mesh;
  readonly ledger: RunLedger;
  readonly kinds: ReadonlyMap<string, RunKind>;
  /** What `GET /summary` answers. */
  readonly summary: () => object;
}

/** The producer: an HTTP API that enqueues runs and tells what became of them. */
export function createApi(deps: ApiDeps): FastifyInstance {
  const api = Fastify({ logger: false, forceCloseConnections: true });
  api.setErrorHandler((error, _request, reply) => {
    const { status, body } = errorReply(error);
    return reply.code(status).send(body);
  });
  api.setNotFoundHandler(({ method, url }, reply) => {
    const message = `there is no ${method} ${url}: POST /runs/:kind, GET /runs/:id, GET /summary`;
    return reply.code(404).send({ error: { code: "invalid_argument", message } });
  });
  api.post<{ Params: { kind: string } }>("/runs/:kind", async (request, reply) =>
    reply.code(202).send(await enqueue(request.params.kind, request.body, deps)),
  );
  api.get<{ Params: { id: string } }>("/runs/:id", ({ params }) => readRun(params.id, deps));
  api.get("/summary", () => deps.summary());
  return api;
}

/** What `POST /runs/:kind` answers: every one of these runs is stored and will not be lost. */
export interface EnqueueReply {
  readonly runs: readonly { readonly id: string; readonly key: string }[];
  readonly receipt: Receipt | undefined;
}

const enqueueBody = z.strictObject({ keys: z.array(z.string().max(40)).min(1).max(1_000) });

async function enqueue(name: string, body: unknown, deps: ApiDeps): Promise<EnqueueReply> {
  const kind = deps.kinds.get(name);
  if (kind === undefined) {
    const expected = `one of ${[...deps.kinds.keys()].join(", ")}`;
    throw invalidArgument({ field: "kind", received: name, expected });
  }
  const { keys } = enqueueBody.parse(body);
  for (const key of keys) checkKey(kind, key);
  const handles = await kind.enqueue(deps.mesh, keys);
  const runs = handles.map((handle, index) => {
    const key = keys[index] ?? "";
    deps.ledger.enter({ kind: name, key, handle });
    return { id: handle.id, key };
  });
  return { runs, receipt: handles[0]?.receipt };
}

function checkKey({ name, keys }: RunKind, key: string): void {
  if (keys.has(key)) return;
  const some = [...keys].slice(0, 5).join(", ");
  throw invalidArgument({
    field: "keys",
    received: key,
    expected: `keys of ${name}, such as ${some} (${keys.size} in all)`,
  });
}

async function readRun(id: string, { mesh, ledger }: ApiDeps): Promise<object> {
  const run = mesh.run(id);
  const info = await run.info();
  if (info.state === "unknown") {
    throw new UmbelError("run_unknown", `no run has the id ${id}: it never had, or is forgotten.`);
  }
  const entry = ledger.get(id);
  return {
    ...info,
    ...(entry === undefined ? {} : { kind: entry.kind, key: entry.key }),
    ...(info.state === "succeeded" ? { result: await run.result() } : {}),
  };
}
