import { connectBroker, type BrokerConnection } from "@umbel/broker";
import { decodeRunRecord, lastToken } from "@umbel/protocol";
import type { OutcomeNotice } from "../history/entries.ts";
import type { Site } from "./site.ts";

/** Hears of every outcome that is stored, over a connection to each of the servers. */
export class Observer implements AsyncDisposable {
  readonly #notices: OutcomeNotice[] = [];
  readonly #connections: readonly BrokerConnection[];

  private constructor(connections: readonly BrokerConnection[]) {
    this.#connections = connections;
    for (const connection of connections) {
      connection.subscribe(`${connection.mesh}.N.>`, ({ subject, data, headers }) => {
        this.#hear(lastToken(subject), data, Number(headers?.get("Nats-Sequence") ?? 0));
      });
    }
  }

  static async open({ connection }: Site): Promise<Observer> {
    const { servers } = connection;
    return new Observer(
      await Promise.all(servers.map((server) => connectBroker({ ...connection, servers: [server] }))),
    );
  }

  get notices(): readonly OutcomeNotice[] {
    return this.#notices;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  #hear(runId: string, body: Uint8Array, sequence: number): void {
    if (body.byteLength === 0) return;
    try {
      this.#notices.push({ runId, sequence, state: decodeRunRecord(body).state });
    } catch {
      // Not ours: nothing else belongs there, and the end will tell.
    }
  }
}
