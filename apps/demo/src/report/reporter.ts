/** What a person is told while the demo runs. */
export interface Reporter {
  /** One line, above the progress if there is any. */
  line(text: string): void;
  /** Show how `total` things get done, with a note beside it. At most one at a time. */
  progress(total: number, note: string): Progress;
}

/** How far something has got. Gone when it is disposed of. */
export interface Progress extends Disposable {
  update(done: number, note: string): void;
}

/** Where lines go. */
export interface TextStream {
  write(text: string): unknown;
}

/** Lines only: for files, pipes and logs. */
export function plainReporter(stream: TextStream): Reporter {
  return {
    line: (text) => void stream.write(`${text}\n`),
    progress: () => ({ update: () => undefined, [Symbol.dispose]: () => undefined }),
  };
}
