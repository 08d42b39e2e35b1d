import { stripVTControlCharacters } from "node:util";
import type { Channel } from "../output/terminal.ts";

const ENTER = "\u001B[?1049h\u001B[?25l\u001B[?7l\u001B[2J";
const LEAVE = "\u001B[?7h\u001B[?25h\u001B[?1049l";
// A terminal that knows these shows all of it at once, others ignore them.
const HOLD = "\u001B[?2026h";
const SHOW = "\u001B[?2026l";

/** The whole terminal, for as long as it is not disposed. However the process ends, the terminal is as it was. */
export class FullScreen implements Disposable {
  readonly #channel: Pick<Channel, "write">;
  readonly #leave = (): void => this[Symbol.dispose]();
  #shown: readonly string[] = [];
  #open = true;

  constructor(channel: Pick<Channel, "write">) {
    this.#channel = channel;
    process.once("exit", this.#leave);
    channel.write(ENTER);
  }

  /** Show `lines` on a terminal of so many columns: only those that differ from what is shown are written. */
  draw(lines: readonly string[], columns: number): void {
    if (!this.#open) return;
    const text = changedLines(this.#shown, lines, columns);
    this.#shown = lines;
    if (text !== "") this.#channel.write(HOLD + text + SHOW);
  }

  /** What is shown is not known any more: the next drawing writes everything. */
  forget(): void {
    this.#shown = [];
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    process.removeListener("exit", this.#leave);
    this.#channel.write(LEAVE);
  }
}

/** What turns `before` on a terminal into `lines`. Pure. */
export function changedLines(before: readonly string[], lines: readonly string[], columns: number): string {
  const changed = lines.map((line, row) => {
    if (line === before[row]) return "";
    // Behind a full line the cursor stays on its last character, which would be erased.
    const rest = stripVTControlCharacters(line).length < columns ? "\u001B[K" : "";
    return `\u001B[${row + 1};1H${line}${rest}`;
  });
  return changed.join("");
}
