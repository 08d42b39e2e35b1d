import type { BrokerConnection, Unsubscribe } from "@umbel/broker";
import { controlSubject, decode } from "@umbel/protocol";

/** A cancel may be heard before the run arrives here: it is remembered for a few ack-waits. */
const REMEMBERED = 10_000;

/** Hears which runs were cancelled. What was missed is harmless: the outcome of a cancelled run is refused. */
export class Cancellations implements Disposable {
  readonly #heard = new Set<string>();
  readonly #unsubscribe: Unsubscribe;

  constructor(connection: BrokerConnection, onCancel: (runId: string) => void) {
    this.#unsubscribe = connection.subscribe(controlSubject(connection.mesh, "cancel"), (message) => {
      const runId = readRunId(message.data);
      if (runId === undefined) return;
      this.#remember(runId);
      onCancel(runId);
    });
  }

  has(runId: string): boolean {
    return this.#heard.has(runId);
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
  }

  #remember(runId: string): void {
    this.#heard.add(runId);
    if (this.#heard.size <= REMEMBERED) return;
    const oldest = this.#heard.values().next();
    if (oldest.done !== true) this.#heard.delete(oldest.value);
  }
}

function readRunId(body: Uint8Array): string | undefined {
  try {
    const message = decode(body);
    const runId: unknown =
      typeof message === "object" && message !== null ? Reflect.get(message, "runId") : undefined;
    return typeof runId === "string" ? runId : undefined;
  } catch {
    return undefined;
  }
}
