import type { BrokerConnection } from "@umbel/broker";
import type { Mesh } from "@umbel/client";
import { UmbelError } from "@umbel/protocol";
import { every, sleep } from "@umbel/runtime";
import type { ReadStream } from "node:tty";
import { abortion } from "../interrupt.ts";
import type { Channel } from "../output/terminal.ts";
import { Collector } from "./collector.ts";
import { pressKey, START, type Controls, type Effect, type Key, type QueueAction } from "./controls.ts";
import type { TopConnection, TopFacts, TopTarget } from "./facts.ts";
import { FullScreen } from "./full-screen.ts";
import { listenToKeys } from "./keyboard.ts";
import { render } from "./render.ts";
import { select } from "./select.ts";

/** What a {@link LiveView} works with. */
export interface LiveViewDeps {
  readonly broker: BrokerConnection;
  readonly mesh: Mesh;
  readonly target: TopTarget;
  readonly out: Channel;
  readonly keyboard: ReadStream;
  readonly intervalMs: number;
  /** Who pauses and resumes. */
  readonly by: string;
}

const REDRAW_MS = 500;

/** The screen of `umbel top`. */
export class LiveView {
  readonly #deps: LiveViewDeps;
  readonly #ended = Promise.withResolvers<void>();
  #facts: TopFacts | undefined;
  #problem: string | undefined;
  #connection: TopConnection = { kind: "connected" };
  #controls: Controls = START;
  #screen: FullScreen | undefined;

  constructor(deps: LiveViewDeps) {
    this.#deps = deps;
  }

  /** Show it until the user quits. @throws the reason of `signal`; UmbelError when the server turns us away */
  async show(signal: AbortSignal): Promise<void> {
    const { out, keyboard, broker } = this.#deps;
    using screen = new FullScreen(out);
    this.#screen = screen;
    const looking = new AbortController();
    const onResize = (): void => {
      screen.forget();
      out.write("\u001B[2J");
      this.#draw();
    };
    process.stdout.on("resize", onResize);
    const stops = [
      () => process.stdout.removeListener("resize", onResize),
      () => looking.abort(),
      listenToKeys(keyboard, (key) => this.#press(key)),
      broker.onEvent((event) => {
        if (event.type === "disconnected") this.#connection = { kind: "lost", since: Date.now() };
        if (event.type === "reconnected") this.#connection = { kind: "connected" };
        if (event.type === "closed" && event.error !== undefined) this.#ended.reject(event.error);
        this.#draw();
      }),
      every(REDRAW_MS, () => this.#draw()),
    ];
    try {
      await Promise.race([this.#lookOn(looking.signal), this.#ended.promise, abortion(signal)]);
    } finally {
      for (const stop of stops) stop();
    }
  }

  async #lookOn(signal: AbortSignal): Promise<void> {
    const { broker, mesh, intervalMs } = this.#deps;
    const collector = new Collector(broker, mesh);
    while (!signal.aborted) {
      if (broker.connected) await this.#look(collector);
      this.#draw();
      await sleep(intervalMs, signal);
    }
  }

  async #look(collector: Collector): Promise<void> {
    try {
      this.#facts = await collector.look();
      this.#problem = undefined;
    } catch (error) {
      if (!UmbelError.is(error)) throw error;
      this.#problem = error.message;
    }
  }

  #press(key: Key): void {
    const queues = this.#facts === undefined ? [] : select(this.#facts, this.#controls).queues;
    const { controls, effect } = pressKey(this.#controls, key, queues);
    this.#controls = controls;
    if (effect !== undefined) this.#carryOut(effect);
    this.#draw();
  }

  #carryOut(effect: Effect): void {
    if (effect.kind === "quit") this.#ended.resolve();
    else void this.#act(effect.action);
  }

  async #act({ what, queue }: QueueAction): Promise<void> {
    const { mesh, by } = this.#deps;
    this.#notice(`${what} ${queue} …`);
    try {
      if (what === "pause") await mesh.queues.pause(queue, { by });
      else await mesh.queues.resume(queue);
      this.#notice(`${queue} is ${what}d`);
    } catch (error) {
      this.#notice(error instanceof Error ? error.message : String(error));
    }
  }

  #notice(notice: string): void {
    this.#controls = { ...this.#controls, notice };
    this.#draw();
  }

  #draw(): void {
    const { target, out } = this.#deps;
    const state = {
      target,
      connection: this.#connection,
      facts: this.#facts,
      problem: this.#problem,
      controls: this.#controls,
      now: Date.now(),
    };
    const { columns = 80, rows = 24, paint } = out;
    this.#screen?.draw(render(state, { columns, rows, paint }), columns);
  }
}
