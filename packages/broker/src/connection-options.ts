import { access, constants, readFile } from "node:fs/promises";
import {
  checkFields,
  checkMeshName,
  invalidArgument,
  parsePositiveDuration,
  type Duration,
} from "@umbel/protocol";
import { silentLogger, type Logger } from "@umbel/runtime";
import { credsAuthenticator, type ConnectionOptions as NatsOptions } from "@nats-io/nats-core/internal";

/** How to reach the broker. */
export interface ConnectionOptions {
  /** One URL or several of the same cluster: `"nats://127.0.0.1:4222"`. @default "nats://127.0.0.1:4222" */
  readonly servers?: string | readonly string[];
  /** The namespace of queues, workers and results. @default "umbel" */
  readonly mesh?: string;
  /** Path of a NATS credentials file. */
  readonly creds?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** TLS files; `true` asks for TLS with the system's authorities. */
  readonly tls?: true | { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** What the server's monitoring calls this connection. */
  readonly name?: string;
  /** First part of the reply subjects, when the user may only subscribe below it. @default "_INBOX" */
  readonly inboxPrefix?: string;
  /** How long connecting may take. @default "5s" */
  readonly connectTimeout?: Duration;
  readonly logger?: Logger;
}

/** The names of all {@link ConnectionOptions}: whoever takes more options checks them together. */
export const CONNECTION_FIELDS: readonly (keyof ConnectionOptions)[] = [
  "servers",
  "mesh",
  "creds",
  "user",
  "password",
  "token",
  "tls",
  "name",
  "inboxPrefix",
  "connectTimeout",
  "logger",
];

/** {@link ConnectionOptions} with every default filled in. */
export interface ResolvedConnection {
  readonly mesh: string;
  readonly servers: readonly string[];
  readonly inboxPrefix: string;
  /** The user that the server is told, if it is told one by name. */
  readonly user: string | undefined;
  readonly logger: Logger;
  readonly nats: NatsOptions;
}

/** @throws UmbelError `invalid_argument` naming the wrong option. */
export async function resolveConnectionOptions(options: ConnectionOptions): Promise<ResolvedConnection> {
  checkFields(options, "connect", CONNECTION_FIELDS);
  const servers = checkServers(options.servers ?? "nats://127.0.0.1:4222");
  const inboxPrefix = options.inboxPrefix ?? "_INBOX";
  return {
    mesh: checkMeshName(options.mesh ?? "umbel"),
    servers,
    inboxPrefix,
    user: options.user ?? (options.creds === undefined ? undefined : await userOfCreds(options.creds)),
    logger: options.logger ?? silentLogger,
    nats: {
      servers: [...servers],
      name: options.name ?? "umbel",
      inboxPrefix,
      timeout: parsePositiveDuration(options.connectTimeout ?? "5s", "connectTimeout"),
      // Workers and producers outlive any outage; only close() ends a connection.
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      // Building a stack trace for every request costs a third of the publisher's time.
      noAsyncTraces: true,
      ...(await authentication(options)),
    },
  };
}

// The name in the token of a credentials file, or the key that it is for. Shown and recorded, never trusted.
async function userOfCreds(path: string): Promise<string | undefined> {
  const text = Buffer.from(await readCreds(path)).toString("utf8");
  const claims = /^[\w-]+\.([\w-]+)\.[\w-]+$/m.exec(text)?.[1];
  if (claims === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(claims, "base64url").toString("utf8"));
    if (typeof value !== "object" || value === null) return undefined;
    const name: unknown = Reflect.get(value, "name") ?? Reflect.get(value, "sub");
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

async function authentication(options: ConnectionOptions): Promise<NatsOptions> {
  const { user, password, token, tls } = options;
  return {
    ...(options.creds === undefined
      ? {}
      : { authenticator: credsAuthenticator(await readCreds(options.creds)) }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(token === undefined ? {} : { token }),
    ...(tls === undefined ? {} : { tls: tls === true ? {} : await tlsFiles(tls) }),
  };
}

type TlsFiles = Exclude<ConnectionOptions["tls"], true | undefined>;

async function tlsFiles(tls: TlsFiles): Promise<object> {
  checkFields(tls, "tls", ["ca", "cert", "key"]);
  const { ca, cert, key } = tls;
  if ((cert === undefined) !== (key === undefined)) {
    const field = cert === undefined ? "tls.cert" : "tls.key";
    throw invalidArgument({
      field,
      received: undefined,
      expected: "a file: certificate and key go together",
    });
  }
  for (const [name, path] of Object.entries({ ca, cert, key })) await checkReadable(path, `tls.${name}`);
  return {
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(cert === undefined ? {} : { certFile: cert }),
    ...(key === undefined ? {} : { keyFile: key }),
  };
}

async function checkReadable(path: string | undefined, field: string): Promise<void> {
  if (path === undefined) return;
  try {
    await access(path, constants.R_OK);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw invalidArgument({ field, received: path, expected: `a readable PEM file (${reason})` });
  }
}

async function readCreds(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw invalidArgument({
      field: "creds",
      received: path,
      expected: `a readable credentials file (${reason})`,
    });
  }
}

const SERVER_URL = /^(?:(?:nats|tls):\/\/)?(?:[^\s@/]+@)?(?:\[[0-9a-f:]+\]|[^\s:/@]+)(?::\d{1,5})?\/?$/i;

function checkServers(servers: string | readonly string[]): readonly string[] {
  const list = typeof servers === "string" ? servers.split(",").map((server) => server.trim()) : servers;
  if (!Array.isArray(list) || list.length === 0) {
    throw invalidArgument({ field: "servers", received: servers, expected: "at least one server URL" });
  }
  for (const server of list) {
    if (typeof server === "string" && SERVER_URL.test(server)) continue;
    throw invalidArgument({
      field: "servers",
      received: server,
      expected: 'server URLs like "nats://127.0.0.1:4222"',
    });
  }
  return list;
}
