import { styleText } from "node:util";
import { MultiBar } from "cli-progress";
import type { Progress, Reporter } from "./reporter.ts";

/** Lines and a live bar: for a terminal. */
export class TerminalReporter implements Reporter {
  readonly #stream: NodeJS.WriteStream;
  #bars: MultiBar | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  line(text: string): void {
    const line = `${coloured(text)}\n`;
    if (this.#bars === undefined) this.#stream.write(line);
    else this.#bars.log(line);
  }

  progress(total: number, note: string): Progress {
    const bars = new MultiBar({
      stream: this.#stream,
      format: "     {bar} {value}/{total}  {note}",
      barCompleteChar: "█",
      barIncompleteChar: "░",
      barsize: 32,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      fps: 12,
    });
    const bar = bars.create(total, 0, { note });
    this.#bars = bars;
    return {
      update: (done, now) => bar.update(done, { note: now }),
      [Symbol.dispose]: () => {
        // Whatever was said last is only written with the bar.
        bars.update();
        bars.stop();
        this.#bars = undefined;
      },
    };
  }
}

function coloured(text: string): string {
  return text.replace("✓", styleText("green", "✓")).replace("✗", styleText("red", "✗"));
}
