import type { Msg } from "@nats-io/transport-node";
import type { BrokerConnection, Unsubscribe } from "./connection.ts";

/** One subject of a {@link MicroService}. */
export interface MicroEndpoint {
  readonly name: string;
  readonly subject: string;
  /** What to answer. `failed` counts as an error in the statistics. Never rejects. */
  readonly answer: (request: Uint8Array) => Promise<MicroAnswer>;
}

/** An answer of an endpoint. */
export interface MicroAnswer {
  readonly body: Uint8Array;
  /** Why it did not work; absent when it did. */
  readonly failed?: string;
}

/** What a {@link MicroService} is. */
export interface MicroDefinition {
  readonly name: string;
  readonly id: string;
  readonly version: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly endpoints: readonly MicroEndpoint[];
}

interface Statistics {
  requests: number;
  errors: number;
  lastError: string;
  nanos: number;
}

const NANOS_PER_MS = 1_000_000;
const encoder = new TextEncoder();

/**
 * Answers on subjects as a NATS service, which `nats micro ls`, `info`, `stats` and `ping` find: ADR-32 of NATS, and
 * of it what needs no more than one instance. The library for it has no release for the client that we use.
 */
export class MicroService implements Disposable {
  readonly #connection: BrokerConnection;
  readonly #definition: MicroDefinition;
  readonly #statistics = new Map<string, Statistics>();
  readonly #started = new Date().toISOString();
  readonly #stops: readonly Unsubscribe[];

  constructor(connection: BrokerConnection, definition: MicroDefinition) {
    this.#connection = connection;
    this.#definition = definition;
    const { name, id, endpoints } = definition;
    const verbs = [
      ["PING", () => this.#ping()],
      ["INFO", () => this.#info()],
      ["STATS", () => this.#stats()],
    ] as const;
    this.#stops = [
      ...verbs.flatMap(([verb, answer]) =>
        [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${id}`].map((subject) =>
          connection.subscribe(subject, (message) => void message.respond(json(answer()))),
        ),
      ),
      ...endpoints.map((endpoint) =>
        connection.subscribe(endpoint.subject, (message) => void this.#serve(endpoint, message)),
      ),
    ];
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }

  async #serve(endpoint: MicroEndpoint, message: Msg): Promise<void> {
    // Nobody would hear it.
    if (message.reply === undefined || message.reply === "") return;
    const beganAt = performance.now();
    const { body, failed } = await endpoint.answer(message.data);
    // It may be closed by what was asked for.
    if (this.#connection.closed) return;
    message.respond(body);
    const statistics = this.#of(endpoint.name);
    statistics.requests += 1;
    statistics.nanos += Math.round((performance.now() - beganAt) * NANOS_PER_MS);
    if (failed === undefined) return;
    statistics.errors += 1;
    statistics.lastError = failed;
  }

  #of(endpoint: string): Statistics {
    const known = this.#statistics.get(endpoint) ?? { requests: 0, errors: 0, lastError: "", nanos: 0 };
    this.#statistics.set(endpoint, known);
    return known;
  }

  #ping(): object {
    const { name, id, version, metadata } = this.#definition;
    return { type: "io.nats.micro.v1.ping_response", name, id, version, metadata };
  }

  #info(): object {
    const { description, endpoints } = this.#definition;
    const listed = endpoints.map(({ name, subject }) => ({ name, subject, queue_group: "", metadata: {} }));
    return { ...this.#ping(), type: "io.nats.micro.v1.info_response", description, endpoints: listed };
  }

  #stats(): object {
    const endpoints = this.#definition.endpoints.map(({ name, subject }) => {
      const { requests, errors, lastError, nanos } = this.#of(name);
      return {
        name,
        subject,
        queue_group: "",
        num_requests: requests,
        num_errors: errors,
        last_error: lastError,
        processing_time: nanos,
        average_processing_time: requests === 0 ? 0 : Math.round(nanos / requests),
      };
    });
    return { ...this.#ping(), type: "io.nats.micro.v1.stats_response", started: this.#started, endpoints };
  }
}

function json(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}
