import type { PullSource } from "@umbel/broker";
import { lastToken } from "@umbel/protocol";
import type { RunDelivery } from "./run.ts";

/** A delivery without a broker, which says what was done with it. */
export class FakeDelivery implements RunDelivery {
  readonly subject: string;
  readonly source: PullSource = { consumer: "media-n", queue: "media", priority: "normal" };
  readonly receivedAt = 0;
  heardAt = 0;
  readonly body: Uint8Array = new Uint8Array([1]);
  readonly count = 1;
  readonly sequence = 7;
  readonly waitingBehind = 0;
  readonly storedAt = 0;
  readonly done: string[] = [];
  readonly #headers: Readonly<Record<string, string>>;

  constructor(subject: string, headers: Readonly<Record<string, string>> = {}) {
    this.subject = subject;
    this.#headers = headers;
  }

  get runId(): string {
    return lastToken(this.subject);
  }

  header(name: string): string | undefined {
    return this.#headers[name];
  }

  headers(): Record<string, string> {
    return { ...this.#headers };
  }

  ack(): void {
    this.done.push("ack");
  }

  handBack(delayMs = 0): void {
    this.done.push(`hand back after ${delayMs} ms`);
  }

  heartbeat(): void {
    this.done.push("heartbeat");
  }
}
