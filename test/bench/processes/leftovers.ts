import { createHook } from "node:async_hooks";
import { sleep } from "@umbel/runtime";

/** What a closed thing must not leave behind, kept alive or not: `unref` hides a timer from everything else. */
const WATCHED: ReadonlySet<string> = new Set(["Timeout", "TCPWRAP", "PIPEWRAP", "MESSAGEPORT", "WORKER"]);
const SETTLE_MS = 100;

/** Finds timers, sockets, threads and process listeners that were opened since it was made and never closed. */
export class Leftovers {
  readonly #open = new Map<number, string>();
  readonly #listeners = countListeners();

  constructor() {
    const hook = createHook({
      init: (id, type) => {
        if (WATCHED.has(type)) this.#open.set(id, `${type} ${callerOf(new Error(type).stack)}`);
      },
      destroy: (id) => {
        this.#open.delete(id);
      },
      // Following every promise would slow down what is measured.
      trackPromises: false,
    });
    hook.enable();
  }

  /** What is open now, once what was just closed is gone. */
  async list(): Promise<readonly string[]> {
    // Two waits: the timer of the first is gone by the end of the second.
    await sleep(SETTLE_MS);
    const before = new Set(this.#open.keys());
    await sleep(SETTLE_MS);
    const resources = [...this.#open].filter(([id]) => before.has(id)).map(([, what]) => what);
    return [...resources, ...this.#newListeners()];
  }

  #newListeners(): readonly string[] {
    return [...countListeners()].flatMap(([event, count]) =>
      Array.from(
        { length: Math.max(0, count - (this.#listeners.get(event) ?? 0)) },
        () => `listener of ${event}`,
      ),
    );
  }
}

const FRAMES = 3;

// The first lines of the stack that are neither this file nor node itself.
function callerOf(stack: string | undefined): string {
  const lines = (stack ?? "").split("\n").slice(1);
  return lines
    .filter((line) => !line.includes(import.meta.filename) && !line.includes("node:"))
    .slice(0, FRAMES)
    .map((line) => line.trim())
    .join(" ");
}

function countListeners(): ReadonlyMap<string, number> {
  return new Map(process.eventNames().map((event) => [String(event), process.listenerCount(event)]));
}
