import { MicroService, type MicroAnswer } from "@umbel/broker";
import {
  CONTROL_VERBS,
  decodeWorkerRequest,
  encodeToken,
  encodeWorkerReply,
  INSPECT_VERBS,
  invalidArgument,
  nearestName,
  UmbelError,
  workerRequestSubject,
  workerServiceName,
  type WorkerRequest,
} from "@umbel/protocol";
import { logEvent } from "@umbel/telemetry";
import { hostname } from "node:os";
import { WORKER_VERSION } from "../worker-version.ts";
import { CONTROL } from "./control-verbs.ts";
import { INSPECT } from "./inspect-verbs.ts";
import type { RemoteParts } from "./remote-parts.ts";

/** Let a worker be asked and told things from elsewhere. Only whoever may publish to its own subjects reaches it. */
export function serveRemote(remote: RemoteParts): Disposable {
  const { connection, id } = remote.parts;
  const { mesh } = connection;
  return new MicroService(connection, {
    name: workerServiceName(mesh),
    id: encodeToken(id),
    version: WORKER_VERSION,
    description: `A worker of the Umbel mesh "${mesh}"`,
    metadata: { mesh, worker: id, host: hostname(), pid: String(process.pid) },
    endpoints: [
      {
        name: "inspect",
        subject: workerRequestSubject(mesh, id, "inspect"),
        answer: (body) => answer(body, (request) => inspect(request, remote), remote),
      },
      {
        name: "control",
        subject: workerRequestSubject(mesh, id, "control"),
        answer: (body) => answer(body, (request) => control(request, remote), remote),
      },
    ],
  });
}

async function answer(
  body: Uint8Array,
  work: (request: WorkerRequest) => unknown,
  { parts }: RemoteParts,
): Promise<MicroAnswer> {
  try {
    const reply = encodeWorkerReply({ ok: true, value: await work(decodeWorkerRequest(body)) });
    if (reply.byteLength <= parts.connection.maxPayloadBytes) return { body: reply };
    throw new UmbelError("payload_too_large", `the answer has ${reply.byteLength} bytes: ask for less.`);
  } catch (error) {
    const { code, message } = UmbelError.from(error);
    if (code === "internal") parts.logger.error({ err: error }, "a remote request failed");
    return { body: encodeWorkerReply({ ok: false, error: { code, message } }), failed: message };
  }
}

function inspect({ verb, args }: WorkerRequest, remote: RemoteParts): unknown {
  const known = INSPECT_VERBS.find((each) => each === verb);
  if (known === undefined) throw unknownVerb("inspect", verb, INSPECT_VERBS);
  return INSPECT[known](remote, args);
}

async function control({ verb, args }: WorkerRequest, remote: RemoteParts): Promise<unknown> {
  const known = CONTROL_VERBS.find((each) => each === verb);
  if (known === undefined) throw unknownVerb("control", verb, CONTROL_VERBS);
  const value: unknown = await CONTROL[known](remote, args);
  const told = JSON.stringify(args).slice(0, MOST_LOGGED);
  logEvent(remote.parts.logger, "worker.controlled", { workerId: remote.parts.id, verb, args: told });
  remote.tell();
  return value;
}

const MOST_LOGGED = 500;

function unknownVerb(kind: string, verb: string, known: readonly string[]): UmbelError {
  const nearest = nearestName(verb, known);
  return invalidArgument({
    field: `verb of ${kind}`,
    received: verb,
    expected: `one of ${known.join(", ")}`,
    ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
  });
}
