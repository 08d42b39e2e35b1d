import type { TopQueue } from "./facts.ts";

/** What queues are sorted by. */
export const SORTS = ["name", "waiting", "held", "rate"] as const;

/** One of {@link SORTS}. */
export type Sort = (typeof SORTS)[number];

/** What the keys have made of the screen. */
export interface Controls {
  readonly sort: Sort;
  /** Only what contains this: queues, workers, runs and dead letters. */
  readonly filter: string;
  /** The queue that keys are about. */
  readonly selected: string | undefined;
  readonly mode: Mode;
  /** What was done last, or could not be. */
  readonly notice: string | undefined;
}

/** What keys mean now. */
export type Mode =
  | { readonly kind: "looking" }
  | { readonly kind: "filtering" }
  | { readonly kind: "asking"; readonly action: QueueAction }
  | { readonly kind: "helping" };

/** Something to do to a queue. */
export interface QueueAction {
  readonly what: "pause" | "resume";
  readonly queue: string;
}

/** What is to happen besides. */
export type Effect = { readonly kind: "quit" } | { readonly kind: "act"; readonly action: QueueAction };

/** A key that was pressed. */
export interface Key {
  /** What it types, if it types anything. */
  readonly text?: string | undefined;
  /** `up`, `return`, `escape`, `backspace`, … */
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

export const START: Controls = {
  sort: "name",
  filter: "",
  selected: undefined,
  mode: { kind: "looking" },
  notice: undefined,
};

const LOOKING: Mode = { kind: "looking" };

/** What `key` makes of the screen, and what it does besides. `queues` are those that are shown, in order. Pure. */
export function pressKey(controls: Controls, key: Key, queues: readonly TopQueue[]): Pressed {
  if (key.ctrl === true && key.name === "c") return { controls, effect: { kind: "quit" } };
  const { mode } = controls;
  switch (mode.kind) {
    case "looking":
      return pressLooking({ ...controls, notice: undefined }, key, queues);
    case "filtering":
      return { controls: pressFiltering(controls, key) };
    case "asking":
      return answer(controls, mode.action, key);
    default:
      return { controls: { ...controls, mode: LOOKING } };
  }
}

/** What a key has come to. */
interface Pressed {
  readonly controls: Controls;
  readonly effect?: Effect;
}

function answer(controls: Controls, action: QueueAction, key: Key): Pressed {
  const answered = { ...controls, mode: LOOKING };
  if (key.text?.toLowerCase() === "y") return { controls: answered, effect: { kind: "act", action } };
  return { controls: { ...answered, notice: "nothing was done" } };
}

function pressLooking(controls: Controls, key: Key, queues: readonly TopQueue[]): Pressed {
  if (key.text === "q") return { controls, effect: { kind: "quit" } };
  if (key.text === "p") return { controls: askFor(controls, queues) };
  const change = CHANGES[key.name ?? ""] ?? CHANGES[key.text ?? ""];
  return { controls: change === undefined ? controls : { ...controls, ...change(controls, queues) } };
}

type Change = (controls: Controls, queues: readonly TopQueue[]) => Partial<Controls>;

const CHANGES: Readonly<Partial<Record<string, Change>>> = {
  s: ({ sort }) => ({ sort: SORTS[(SORTS.indexOf(sort) + 1) % SORTS.length] ?? "name" }),
  "/": () => ({ mode: { kind: "filtering" } }),
  "?": () => ({ mode: { kind: "helping" } }),
  h: () => ({ mode: { kind: "helping" } }),
  escape: () => ({ filter: "" }),
  up: (controls, queues) => ({ selected: neighbour(controls, queues, -1) }),
  k: (controls, queues) => ({ selected: neighbour(controls, queues, -1) }),
  down: (controls, queues) => ({ selected: neighbour(controls, queues, 1) }),
  j: (controls, queues) => ({ selected: neighbour(controls, queues, 1) }),
};

function neighbour({ selected }: Controls, queues: readonly TopQueue[], step: 1 | -1): string | undefined {
  const at = queues.findIndex(({ queue }) => queue === selected);
  const next = at === -1 ? 0 : Math.min(queues.length - 1, Math.max(0, at + step));
  return queues[next]?.queue;
}

function askFor(controls: Controls, queues: readonly TopQueue[]): Controls {
  const chosen = queues.find(({ queue }) => queue === controls.selected);
  if (chosen === undefined) return { ...controls, notice: "choose a queue first, with the arrow keys" };
  const what = chosen.paused === undefined ? "pause" : "resume";
  return { ...controls, mode: { kind: "asking", action: { what, queue: chosen.queue } } };
}

function pressFiltering(controls: Controls, { name, text = "", ctrl }: Key): Controls {
  if (name === "return" || name === "enter") return { ...controls, mode: LOOKING };
  if (name === "escape") return { ...controls, mode: LOOKING, filter: "" };
  if (name === "backspace") return { ...controls, filter: controls.filter.slice(0, -1) };
  const types = ctrl !== true && /^[^\p{Cc}]$/u.test(text);
  return types ? { ...controls, filter: controls.filter + text } : controls;
}
