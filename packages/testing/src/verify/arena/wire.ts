import { connect, type Socket } from "node:net";
import { hideOtherServers } from "./hide-other-servers.ts";

/** What happens on a wire. */
export interface Weather {
  /** How much later everything arrives. */
  delayMs: number;
  /** Nothing arrives on either side, until this is over. */
  held: boolean;
  /** What the server says is lost; what the client says arrives. */
  deafened: boolean;
}

/** A connection of a client to a server, with something between them. */
export class Wire {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #weather: Weather;
  readonly #onGone: () => void;
  readonly #kept: (() => void)[] = [];
  readonly #lastAt = new Map<Socket, number>();

  constructor(client: Socket, target: { readonly host: string; readonly port: number }, hooks: WireHooks) {
    this.#client = client;
    this.#weather = hooks.weather;
    this.#onGone = hooks.onGone;
    this.#server = connect(target);
    client.setNoDelay(true);
    this.#server.setNoDelay(true);
    client.on("data", (bytes) => this.#carry(bytes, this.#server));
    this.#server.on("data", (bytes) => {
      if (!this.#weather.deafened) this.#carry(hooks.plain ? bytes : hideOtherServers(bytes), this.#client);
    });
    for (const [socket, other] of [[client, this.#server] as const, [this.#server, client] as const]) {
      socket.on("error", () => socket.destroy());
      // Whoever is cut off does not learn that the other has hung up.
      socket.on("close", () => this.#later(() => this.#close(other)));
    }
  }

  /** Both sides learn at once that it is broken. */
  break(): void {
    this.#kept.length = 0;
    this.#client.destroy();
    this.#server.destroy();
    this.#onGone();
  }

  /** It is not held any more: what was kept arrives. */
  release(): void {
    for (const step of this.#kept.splice(0)) step();
  }

  #carry(bytes: Buffer, to: Socket): void {
    this.#later(() => {
      const at = Math.max(performance.now() + this.#weather.delayMs, this.#lastAt.get(to) ?? 0);
      this.#lastAt.set(to, at);
      const waitMs = at - performance.now();
      if (waitMs <= 0) to.write(bytes);
      else setTimeout(() => to.destroyed || to.write(bytes), waitMs);
    });
  }

  #later(step: () => void): void {
    if (this.#weather.held) this.#kept.push(step);
    else step();
  }

  #close(socket: Socket): void {
    socket.destroy();
    this.#onGone();
  }
}

/** What a {@link Wire} goes by, and whom it tells. */
export interface WireHooks {
  readonly weather: Weather;
  readonly onGone: () => void;
  /** Whether it carries something else than the talk of clients. */
  readonly plain: boolean;
}
