import { availableParallelism } from "node:os";
import { connect, type Mesh } from "@umbel/client";
import { Crew, type Child } from "../processes/crew.ts";
import type { Circumstances, Figures, Measure, Scenario, Side } from "../scenario.ts";
import { BenchServer } from "../server/bench-server.ts";
import { calibrate } from "../work/burn.ts";
import { burning } from "../work/tasks.ts";
import { checkDelivery, expectCount } from "./check-delivery.ts";

const IDEAL = new URL("../raw/cpu.ts", import.meta.url);
const WORKER = new URL("../ours/cpu-worker.ts", import.meta.url);
const RUN_MS = 50;
/** Enough for every thread to have loaded its modules. */
const WARM_UP = 4 * availableParallelism();
/** Runs of one side at a time. */
const TURN = 20 * availableParallelism();

/** Runs that compute, on as many threads as there are cores. */
export const cpu: Scenario = {
  name: "cpu",
  about: "200 runs of about 50 ms on threads, against bare threads without any queue",
  n: 200,
  rounds: 3,
  sides: ["raw", "ours"],
  main: "seconds",
  gates: [
    { figure: "seconds", of: "ratio", most: 1.15 },
    { figure: "loopDelayP99Ms", of: "ours", most: 10 },
  ],
  prepare: createMeasure,
};

function createMeasure(): Measure {
  const iterations = calibrate(RUN_MS);
  const rounds = new Map<number, Promise<Readonly<Record<Side, Figures>>>>();
  return async (circumstances) => {
    const { round, side } = circumstances;
    const both = rounds.get(round) ?? measureBoth(circumstances, iterations);
    rounds.set(round, both);
    return (await both)[side];
  };
}

// In turns, a second or so each: the speed of a virtual machine changes more within the seconds that one side takes than
// there is between the two.
async function measureBoth(
  circumstances: Circumstances,
  iterations: number,
): Promise<Readonly<Record<Side, Figures>>> {
  const { n } = circumstances;
  await using crew = new Crew();
  const ideal = await Ideal.start(crew, iterations);
  await using ours = await Ours.start(crew, circumstances, iterations);
  for (let from = 0; from < n; from += TURN) {
    const count = Math.min(TURN, n - from);
    await ideal.compute(count);
    await ours.compute(count);
  }
  return { raw: await ideal.end(), ours: await ours.end() };
}

class Ideal {
  readonly #child: Child;
  #seconds = 0;
  #loopDelayP99Ms = 0;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async start(crew: Crew, iterations: number): Promise<Ideal> {
    const child = crew.start(IDEAL, { settings: { url: "", n: 0, warmUp: WARM_UP, width: 1 } });
    child.tell("prepare", { iterations });
    await child.next("ready");
    return new Ideal(child);
  }

  async compute(count: number): Promise<void> {
    this.#child.tell("go", { count });
    const { values } = await this.#child.next("measured");
    this.#seconds += values["seconds"] ?? NaN;
    this.#loopDelayP99Ms = values["loopDelayP99Ms"] ?? Infinity;
  }

  async end(): Promise<Figures> {
    this.#child.tell("go");
    await this.#child.ended();
    return { seconds: this.#seconds, loopDelayP99Ms: this.#loopDelayP99Ms };
  }
}

interface OursParts {
  readonly server: BenchServer;
  readonly mesh: Mesh;
  readonly worker: Child;
  readonly iterations: number;
}

class Ours implements AsyncDisposable {
  readonly #parts: OursParts;
  #seconds = 0;
  #runs = 0;

  private constructor(parts: OursParts) {
    this.#parts = parts;
  }

  static async start(crew: Crew, circumstances: Circumstances, iterations: number): Promise<Ours> {
    const { n, syncInterval, profileDir } = circumstances;
    const server = await BenchServer.start(syncInterval);
    const settings = { url: server.url, n, warmUp: WARM_UP, width: 1 };
    const worker = crew.start(WORKER, { settings, profileDir });
    const mesh = await connect({ servers: server.url });
    const ours = new Ours({ server, mesh, worker, iterations });
    await worker.next("ready");
    await ours.#burn(WARM_UP);
    return ours;
  }

  async compute(count: number): Promise<void> {
    const { worker } = this.#parts;
    worker.tell("watch", { on: 1 });
    await worker.next("watching");
    const beganAt = performance.now();
    await this.#burn(count);
    this.#seconds += (performance.now() - beganAt) / 1_000;
    worker.tell("rest");
  }

  async end(): Promise<Figures> {
    const { server, worker } = this.#parts;
    worker.tell("watch");
    const measured = await worker.next("measured");
    await checkDelivery(server, this.#runs, measured);
    await worker.ended();
    return { seconds: this.#seconds, loopDelayP99Ms: measured.values["loopDelayP99Ms"] ?? Infinity };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { mesh, server } = this.#parts;
    await mesh.close();
    await server[Symbol.asyncDispose]();
  }

  async #burn(count: number): Promise<void> {
    const from = this.#runs;
    this.#runs += count;
    const burns = inputs(from, count, this.#parts.iterations);
    const runs = await this.#parts.mesh.enqueueMany(burning, burns);
    const results = await Promise.all(runs.map((run) => run.result()));
    for (const [place, { index }] of burns.entries()) expectCount("result", results[place], index);
  }
}

interface Burn {
  readonly index: number;
  readonly iterations: number;
}

function inputs(from: number, count: number, iterations: number): readonly Burn[] {
  return Array.from({ length: count }, (_, offset) => ({ index: from + offset, iterations }));
}
