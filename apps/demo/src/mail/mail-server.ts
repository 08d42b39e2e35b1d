import { once } from "node:events";
import { text } from "node:stream/consumers";
import { sleep } from "@umbel/runtime";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** How long the server takes to accept a mail, as one at the other end of the world does. */
const ACCEPT_MS = 150;

/** A real SMTP server on this machine, which keeps nothing of a mail but whose it is. */
export class MailServer implements AsyncDisposable {
  readonly #server: SMTPServer;
  readonly #arrivals = new Map<string, number>();
  #port = 0;

  private constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["AUTH", "STARTTLS"],
      disableReverseLookup: true,
      logger: false,
      onData: (stream, _session, done) => void this.#take(stream, done),
    });
    // A worker that is killed in the middle of a mail leaves a broken connection behind.
    this.#server.on("error", () => undefined);
  }

  /** Start one on a free port of 127.0.0.1. */
  static async start(): Promise<MailServer> {
    const mails = new MailServer();
    const listening = mails.#server.listen(0, "127.0.0.1");
    await once(listening, "listening");
    const address = listening.address();
    mails.#port = typeof address === "object" && address !== null ? address.port : 0;
    return mails;
  }

  /** For mail programs: `smtp://127.0.0.1:<port>`. */
  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  /** How many mails have arrived, those that arrived again included. */
  get arrived(): number {
    return [...this.#arrivals.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The ids of the runs whose mails have arrived. */
  get runIds(): ReadonlySet<string> {
    return new Set(this.#arrivals.keys());
  }

  [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    return promise;
  }

  async #take(
    stream: Parameters<NonNullable<SMTPServerOptions["onData"]>>[0],
    done: () => void,
  ): Promise<void> {
    try {
      const runId = runIdOf(await text(stream));
      this.#arrivals.set(runId, (this.#arrivals.get(runId) ?? 0) + 1);
      await sleep(ACCEPT_MS);
    } catch {
      // The connection broke before the mail was complete: it has not arrived.
    }
    done();
  }
}

/** The id of the run that sent a mail; empty when it names none. */
export function runIdOf(message: string): string {
  return /^Message-ID: <([^@>]+)@/im.exec(message)?.[1] ?? "";
}
