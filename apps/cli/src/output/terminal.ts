import { createPaint, wantsColour, type Paint } from "./colour.ts";

/** Where a command writes: everything that it says goes through here. */
export interface Terminal {
  /** What the command was asked for. */
  readonly out: Channel;
  /** Everything else: progress, hints, errors. */
  readonly err: Channel;
}

/** One of the two outputs. */
export interface Channel {
  /** Write text as it is. */
  write(text: string): void;
  /** Write one line, or several. */
  line(text?: string): void;
  readonly paint: Paint;
  /** Whether a person reads along, not a file or another program. */
  readonly interactive: boolean;
  /** How many characters a line may have; `undefined` for files and programs, which take any. */
  readonly columns: number | undefined;
  /** How many lines it shows at a time; `undefined` for files and programs. */
  readonly rows: number | undefined;
}

/** Something to write to, such as `process.stdout`. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** A terminal on two streams. */
export function createTerminal(
  streams: { readonly out: Stream; readonly err: Stream },
  env: Readonly<Partial<Record<string, string>>>,
): Terminal {
  return { out: createChannel(streams.out, env), err: createChannel(streams.err, env) };
}

function createChannel(stream: Stream, env: Readonly<Partial<Record<string, string>>>): Channel {
  const interactive = stream.isTTY === true;
  return {
    write: (text) => void stream.write(text),
    line: (text = "") => void stream.write(`${text}\n`),
    paint: createPaint(wantsColour(interactive, env)),
    interactive,
    get columns() {
      return interactive ? stream.columns : undefined;
    },
    get rows() {
      return interactive ? stream.rows : undefined;
    },
  };
}
