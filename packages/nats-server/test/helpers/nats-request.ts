import { connect } from "node:net";
import { eventually } from "@umbel/runtime";

const TIMEOUT_MS = 2_000;

/**
 * Send one request to the server on this port and resolve to the JSON of the reply. Rejects without a reply:
 * a cluster that is choosing a leader gives none.
 */
async function natsRequest(
  port: number,
  subject: string,
  payload: unknown,
): Promise<Record<string, unknown>> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port }).setEncoding("utf8");
  const body = JSON.stringify(payload);
  socket.write(
    `CONNECT {"verbose":false}\r\nSUB reply 1\r\nPUB ${subject} reply ${Buffer.byteLength(body)}\r\n${body}\r\n`,
  );
  let received = "";
  socket.setTimeout(TIMEOUT_MS, () => reject(new Error(`no reply to ${subject}`)));
  socket.once("error", reject).on("data", (chunk) => {
    received += String(chunk);
    const reply = /^MSG .*\r\n(.*)\r\n/m.exec(received)?.[1];
    if (reply !== undefined) resolve(reply);
  });
  try {
    const value: unknown = JSON.parse(await promise);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } finally {
    socket.destroy();
  }
}

/** Make a stream `KEEP` that keeps its messages on the disk, and put one into it. */
export async function storeMessage(port: number, replicas: number = 1): Promise<void> {
  const config = { name: "KEEP", subjects: ["keep"], storage: "file", num_replicas: replicas };
  const made = await natsRequest(port, "$JS.API.STREAM.CREATE.KEEP", config);
  if (made["error"] !== undefined) throw new Error(JSON.stringify(made["error"]));
  // Another server than the stream's leader may not have heard of the stream yet: then nobody replies.
  const isStored = async (): Promise<boolean> => (await natsRequest(port, "keep", "kept"))["seq"] === 1;
  await eventually("a message is stored", isStored, { timeoutMs: 30_000 });
}

/** How many messages the stream `KEEP` has; `undefined` when there is no such stream. */
export async function storedMessages(port: number): Promise<unknown> {
  const { state } = await natsRequest(port, "$JS.API.STREAM.INFO.KEEP", {});
  return typeof state === "object" && state !== null && "messages" in state ? state.messages : undefined;
}
