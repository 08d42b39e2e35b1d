import { connect } from "node:net";
import { randomUUID } from "node:crypto";
import { sleep } from "@umbel/runtime";
import { reasonText } from "../reason-text.ts";
import { type ServerInfo, readInfo, readReply } from "./server-answer.ts";

/** What a server must do to be called ready. */
export interface ReadyCondition {
  readonly port: number;
  /** Its name: another server that has the port is not it. */
  readonly name: string;
  /** Whether JetStream must answer a request; otherwise it is enough that clients are greeted. */
  readonly jetStream: boolean;
}

const EVERY_MS = 20;
const ATTEMPT_TIMEOUT_MS = 1_000;

/**
 * Wait until a server is ready; resolves to the last reason why it was not, when `signal` aborts first, and
 * to `undefined` when it is. Speaks NATS by itself: this package is below the one that has a client.
 */
export async function untilReady(
  condition: ReadyCondition,
  signal: AbortSignal,
): Promise<string | undefined> {
  let reason = "it was not asked yet";
  while (!signal.aborted) {
    try {
      const why = await ask(condition, AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]));
      if (why === undefined) return undefined;
      reason = why;
    } catch (error) {
      reason = reasonText(error);
    }
    await sleep(EVERY_MS, signal);
  }
  return reason;
}

/** Open one connection and ask; resolves to why the server is not ready, `undefined` when it is. */
async function ask(condition: ReadyCondition, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const socket = connect({ host: "127.0.0.1", port: condition.port }).setEncoding("latin1");
  const giveUp = (): void => reject(new Error(isAsked ? "JetStream does not answer" : "it does not answer"));
  signal.addEventListener("abort", giveUp);
  socket.once("error", reject).once("close", () => reject(new Error("the connection was closed")));
  let received = "";
  let isAsked = false;
  socket.on("data", (chunk) => {
    received += String(chunk);
    const info = readInfo(received);
    if (info === undefined) return;
    const verdict = judgeInfo(info, condition);
    if (verdict !== "ask") return resolve(verdict.reason);
    if (!isAsked) socket.write(request());
    isAsked = true;
    const reply = readReply(received);
    if (reply !== undefined) resolve(reply.kind === "ok" ? undefined : reply.reason);
  });
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", giveUp);
    socket.destroy();
  }
}

function judgeInfo(
  info: ServerInfo,
  { name, port, jetStream }: ReadyCondition,
): "ask" | { reason: string | undefined } {
  if (info.name !== name) return { reason: `another server, ${info.name}, answers on port ${port}` };
  if (!jetStream) return { reason: undefined };
  // Without credentials nothing can be asked. A server that greets has started its JetStream before.
  if (info.guarded) return { reason: info.jetStream ? undefined : "it has no JetStream" };
  return "ask";
}

function request(): string {
  const inbox = `_INBOX.umbel.${randomUUID()}`;
  const options = {
    verbose: false,
    pedantic: false,
    lang: "umbel",
    version: "1",
    headers: true,
    no_responders: true,
  };
  return `CONNECT ${JSON.stringify(options)}\r\nSUB ${inbox} 1\r\nPUB $JS.API.INFO ${inbox} 0\r\n\r\n`;
}
