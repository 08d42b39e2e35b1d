import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { Wire, type Weather } from "./wire.ts";

/** The wires between one process and the servers: they can be slow, cut, held and half deaf. */
export class Wires implements AsyncDisposable {
  readonly #weather: Weather = { delayMs: 0, held: false, deafened: false };
  readonly #wires = new Set<Wire>();
  readonly #servers: Server[] = [];

  /** One end for each of the servers at `targets`: the addresses to use instead of them. */
  static async lay(
    targets: readonly string[],
    options: { readonly plain?: boolean } = {},
  ): Promise<{
    readonly wires: Wires;
    readonly urls: readonly string[];
  }> {
    const wires = new Wires();
    const urls: string[] = [];
    for (const target of targets) urls.push(await wires.#listen(target, options.plain === true));
    return { wires, urls };
  }

  /** Everything arrives so much later. */
  delay(ms: number): void {
    this.#weather.delayMs = ms;
  }

  /** Nothing arrives on either side, and nobody learns of it. */
  hold(): void {
    this.#weather.held = true;
  }

  /** What the server says is lost. */
  deafen(): void {
    this.#weather.deafened = true;
  }

  /** All is well again; what was held arrives. */
  heal(): void {
    Object.assign(this.#weather, { delayMs: 0, held: false });
    // A talk in which words were lost makes no sense any more.
    if (this.#weather.deafened) this.cut();
    this.#weather.deafened = false;
    for (const wire of this.#wires) wire.release();
  }

  /** Break every connection that is open. */
  cut(): void {
    for (const wire of this.#wires) wire.break();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await Promise.all(
      this.#servers.map(async (server) => {
        server.close();
        await once(server, "close");
      }),
    );
  }

  async #listen(target: string, plain: boolean): Promise<string> {
    const url = new URL(target.includes("://") ? target : `nats://${target}`);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const to = { host, port: Number(url.port === "" ? DEFAULT_PORT : url.port) };
    const server = createServer((client) => {
      const wire = new Wire(client, to, {
        weather: this.#weather,
        plain,
        onGone: () => this.#wires.delete(wire),
      });
      this.#wires.add(wire);
    });
    this.#servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port was given to a wire");
    url.hostname = "127.0.0.1";
    url.port = String(address.port);
    return url.href.replace(/\/$/, "");
  }
}

const DEFAULT_PORT = 4222;
