import type { RouteVia } from "@umbel/nats-server";
import { Wires } from "./wires.ts";

interface Route {
  readonly from: number | undefined;
  readonly to: number;
  readonly wires: Wires;
}

/** The wires between the servers of a cluster. */
export class RouteWires implements AsyncDisposable {
  readonly #routes: Route[] = [];

  /** Lays the way of a route. */
  readonly via: RouteVia = async ({ from, to, port }) => {
    const { wires, urls } = await Wires.lay([`nats://127.0.0.1:${port}`], { plain: true });
    this.#routes.push({ from, to, wires });
    return Number(new URL(urls[0] ?? "").port);
  };

  /** The server at `place` hears nothing of the others, and they hear nothing of it. */
  isolate(place: number): void {
    for (const { wires } of this.#routesOf(place)) wires.hold();
  }

  /** They find each other again: what was open is broken, as after a long time. */
  rejoin(place: number): void {
    for (const { wires } of this.#routesOf(place)) {
      wires.cut();
      wires.heal();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#routes.map(({ wires }) => wires[Symbol.asyncDispose]()));
  }

  #routesOf(place: number): readonly Route[] {
    return this.#routes.filter(({ from, to }) => from === place || to === place);
  }
}
