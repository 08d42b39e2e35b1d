import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { type Msg, type NatsConnection } from "@nats-io/transport-node";
import { streamNames, UmbelError, type StreamNames } from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";
import {
  resolveConnectionOptions,
  type ConnectionOptions,
  type ResolvedConnection,
} from "./connection-options.ts";
import { connectCoalescing } from "./coalescing-transport.ts";
import { Outgoing } from "./outgoing.ts";
import { checkServer } from "./server-check.ts";
import { translateError } from "./translate-error.ts";

/** What a connection can tell while it lives. */
export type ConnectionEvent =
  | { readonly type: "disconnected"; readonly server: string }
  | { readonly type: "reconnected"; readonly server: string }
  | { readonly type: "closed"; readonly error: UmbelError | undefined }
  | { readonly type: "refused"; readonly error: UmbelError };

/** Stop listening. */
export type Unsubscribe = () => void;

/** A connection to one mesh on a checked server. Made by {@link connectBroker}. */
export class BrokerConnection implements AsyncDisposable {
  readonly mesh: string;
  readonly streams: StreamNames;
  readonly servers: readonly string[];
  readonly inboxPrefix: string;
  /** What the server's monitoring calls this connection. */
  readonly name: string;
  /** The user that it told the server, if it has told one by name. */
  readonly user: string | undefined;
  readonly logger: Logger;
  readonly serverVersion: string;
  /** The longest message that the server takes, in bytes, headers included. */
  readonly maxPayloadBytes: number;
  /** Copies of a stream that is made without saying how many: a cluster must survive the loss of a server. */
  readonly defaultReplicas: number;
  /** For the files of this package only. */
  readonly nats: NatsConnection;
  /** For the files of this package only: the quickest way to send what is made often. */
  readonly outgoing: Outgoing;
  /** For the files of this package only. */
  readonly manager: JetStreamManager;
  readonly #listeners = new Set<(event: ConnectionEvent) => void>();
  #connected = true;
  #closing: Promise<void> | undefined;

  constructor(nats: NatsConnection, manager: JetStreamManager, resolved: ResolvedConnection) {
    this.nats = nats;
    this.outgoing = new Outgoing(nats);
    this.manager = manager;
    this.mesh = resolved.mesh;
    this.servers = resolved.servers;
    this.inboxPrefix = resolved.inboxPrefix;
    this.name = resolved.nats.name ?? "";
    this.user = resolved.user;
    this.logger = resolved.logger;
    this.streams = streamNames(resolved.mesh);
    this.serverVersion = nats.info?.version ?? "";
    this.maxPayloadBytes = nats.info?.max_payload ?? 1_048_576;
    this.defaultReplicas = nats.info?.cluster === undefined ? 1 : 3;
    void this.#watch();
  }

  /** Whether the server can be reached at this moment. */
  get connected(): boolean {
    return this.#connected && !this.nats.isClosed();
  }

  /** Whether the connection has ended for good: by `close()`, or because the server turned it away. */
  get closed(): boolean {
    return this.nats.isClosed();
  }

  /** Hear of lost and regained connections. */
  onEvent(listener: (event: ConnectionEvent) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Hear core messages; what is published while the connection is down is not heard.
   *
   * @throws UmbelError `connection_closed` after {@link close}.
   */
  subscribe(subject: string, onMessage: (message: Msg) => void): Unsubscribe {
    const doing = `subscribing to "${subject}"`;
    try {
      const subscription = this.nats.subscribe(subject, {
        callback: (error, message) => {
          if (error === null) this.#hear(onMessage, message);
          else this.#emit({ type: "refused", error: translateError(error, doing) });
        },
      });
      return () => {
        if (!this.nats.isClosed()) subscription.unsubscribe();
      };
    } catch (error) {
      throw translateError(error, doing);
    }
  }

  /** Publish a core message: not stored, heard by whoever listens now. */
  broadcast(subject: string, body: Uint8Array): void {
    if (!this.nats.isClosed()) this.nats.publish(subject, body);
  }

  /** Resolves when the server has processed everything sent so far. @throws UmbelError when it cannot */
  async flush(): Promise<void> {
    try {
      await this.nats.flush();
    } catch (error) {
      throw translateError(error, "flushing the connection");
    }
  }

  /** Close for good. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.nats.close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #watch(): Promise<void> {
    for await (const status of this.nats.status()) {
      if (status.type === "disconnect") {
        this.#connected = false;
        this.#emit({ type: "disconnected", server: status.server });
      } else if (status.type === "reconnect") {
        this.#connected = true;
        this.#emit({ type: "reconnected", server: status.server });
      } else if (status.type === "error") {
        this.#emit({ type: "refused", error: translateError(status.error, "using the connection") });
      }
    }
    const reason = await this.nats.closed();
    this.#connected = false;
    this.#emit({
      type: "closed",
      error: reason instanceof Error ? translateError(reason, "connected") : undefined,
    });
  }

  #emit(event: ConnectionEvent): void {
    for (const listener of this.#listeners) this.#hear(listener, event);
  }

  // An error thrown into the library ends its reading: the connection would hear nothing any more.
  #hear<T>(listener: (heard: T) => void, heard: T): void {
    try {
      listener(heard);
    } catch (error) {
      this.logger.error({ event: "broker.error", error }, "a listener of the connection has thrown");
    }
  }
}

/**
 * Connect to the servers of a mesh and check that they can carry it.
 *
 * @throws UmbelError `cannot_connect`, `permission_denied`, `unsupported_server`, `jetstream_disabled`,
 * `broker_unavailable` when a cluster has no leader, or `invalid_argument` naming the wrong option.
 */
export async function connectBroker(options: ConnectionOptions = {}): Promise<BrokerConnection> {
  const resolved = await resolveConnectionOptions(options);
  const nats = await open(resolved);
  try {
    const manager = await jetstreamManager(nats, { checkAPI: false, timeout: 5_000 });
    await checkServer(nats, manager);
    return new BrokerConnection(nats, manager, resolved);
  } catch (error) {
    await nats.close();
    throw translateError(error, "checking the server");
  }
}

async function open(resolved: ResolvedConnection): Promise<NatsConnection> {
  const servers = resolved.servers.join(", ");
  try {
    return await connectCoalescing(resolved.nats);
  } catch (cause) {
    const translated = translateError(cause, `connecting to ${servers}`);
    if (translated.code === "permission_denied") {
      throw new UmbelError(
        "permission_denied",
        `connecting to ${servers}: the server refused these credentials. Check user, password, token or creds.`,
        { cause, details: { servers } },
      );
    }
    const reason = cause instanceof Error && cause.message !== "" ? cause.message : "no answer";
    throw new UmbelError(
      "cannot_connect",
      `cannot connect to ${servers}: ${reason}. Is a nats-server running there? "umbel server" starts a local one.`,
      { cause, details: { servers } },
    );
  }
}
