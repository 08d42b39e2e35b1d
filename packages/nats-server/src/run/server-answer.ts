/** What a server says of itself when a connection opens. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  readonly jetStream: boolean;
  /** Whether a client must show credentials or speak TLS. */
  readonly guarded: boolean;
}

/** The greeting in what was received so far; `undefined` while it is not whole. Bytes as latin1. */
export function readInfo(received: string): ServerInfo | undefined {
  const line = /^INFO (.*)\r\n/.exec(received)?.[1];
  const info = line === undefined ? undefined : parseObject(line);
  if (info === undefined) return undefined;
  return {
    name: String(info["server_name"]),
    version: String(info["version"]),
    jetStream: info["jetstream"] === true,
    guarded: info["auth_required"] === true || info["tls_required"] === true,
  };
}

/** What the one request came to. */
export type Reply = { readonly kind: "ok" } | { readonly kind: "error"; readonly reason: string };

/** The reply in what was received so far; `undefined` while it is not whole. Bytes as latin1. */
export function readReply(received: string): Reply | undefined {
  const refusal = /^-ERR '([^']*)'\r$/m.exec(received)?.[1];
  if (refusal !== undefined) return { kind: "error", reason: refusal };
  if (/^HMSG .*\r\nNATS\/1\.0 503/m.test(received))
    return { kind: "error", reason: "JetStream does not answer" };
  const head = /^MSG \S+ \S+ (?:\S+ )?(\d+)\r\n/m.exec(received);
  if (head === null) return undefined;
  const body = received.slice(head.index + head[0].length);
  const length = Number(head[1]);
  return body.length < length ? undefined : judgeBody(body.slice(0, length));
}

function judgeBody(body: string): Reply {
  const error = parseObject(body)?.["error"];
  if (error === undefined) return { kind: "ok" };
  const description = isObject(error) ? error["description"] : error;
  return { kind: "error", reason: String(description) };
}

function parseObject(latin1: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(latin1, "latin1").toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value of JSON is an object with fields. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
