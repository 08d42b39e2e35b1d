import type { LogEventType } from "@umbel/telemetry";

/** One line of a log, as data. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The lines that a logger has written so far, and waits for those to come. */
export class LogLines {
  readonly #lines: LogLine[] = [];
  readonly #listeners = new Set<(line: LogLine) => void>();

  /** All lines so far, oldest first. What is not JSON is the `msg` of a line. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** The lines of one event so far. */
  of(event: LogEventType): readonly LogLine[] {
    return this.#lines.filter((line) => line["event"] === event);
  }

  /**
   * The first line of `event` that `matches`, written already or to come.
   *
   * @throws Error when there is none after `timeoutMs` milliseconds (30 seconds), with the events that there are.
   */
  async waitFor(
    event: LogEventType,
    matches: (line: LogLine) => boolean = () => true,
    timeoutMs = 30_000,
  ): Promise<LogLine> {
    const isIt = (line: LogLine): boolean => line["event"] === event && matches(line);
    const found = this.#lines.find(isIt);
    if (found !== undefined) return found;
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const listener = (line: LogLine): void => {
      if (isIt(line)) resolve(line);
    };
    this.#listeners.add(listener);
    const timer = setTimeout(() => reject(this.#missing(event, timeoutMs)), timeoutMs);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#listeners.delete(listener);
    });
  }

  /** Take one line: this makes it the destination of a logger. */
  write(text: string): void {
    const line = parseLine(text);
    this.#lines.push(line);
    for (const listener of this.#listeners) listener(line);
  }

  #missing(event: LogEventType, timeoutMs: number): Error {
    const seen = this.#lines.map((line) => String(line["event"] ?? line["msg"])).slice(-SHOWN);
    return new Error(`no matching line "${event}" within ${timeoutMs} ms; the last were: ${seen.join(", ")}`);
  }
}

const SHOWN = 30;

function parseLine(text: string): LogLine {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : { msg: text };
  } catch {
    return { msg: text };
  }
}
