import { z } from "zod";

const noteSchema = z.object({
  type: z.string(),
  values: z.record(z.string(), z.number()),
  text: z.string().optional(),
});

/** What two processes of a benchmark tell each other. */
export type Note = z.infer<typeof noteSchema>;

const NEXT_NOTE_MS = 600_000;

/** The notes of another process, in their order. */
export class NoteInbox {
  readonly #sender: string;
  readonly #notes: Note[] = [];
  #waiting: PromiseWithResolvers<void> = Promise.withResolvers();
  #failure: Error | undefined;

  /** @param sender how errors call the other process. */
  constructor(sender: string) {
    this.#sender = sender;
  }

  /** A message has come. @throws ZodError unless it is a note */
  put(message: unknown): void {
    this.#notes.push(noteSchema.parse(message));
    this.#wake();
  }

  /** Nothing will come any more: whoever waits learns why. */
  fail(failure: Error): void {
    this.#failure ??= failure;
    this.#wake();
  }

  /** The next note. @throws Error when it is of another type, when it cannot come any more or does not come */
  async next(type: string): Promise<Note> {
    const timer = setTimeout(() => this.fail(this.#error(`did not say "${type}" in time`)), NEXT_NOTE_MS);
    try {
      while (this.#notes.length === 0 && this.#failure === undefined) await this.#waiting.promise;
    } finally {
      clearTimeout(timer);
    }
    const note = this.#notes.shift();
    if (note?.type === type) return note;
    throw note === undefined
      ? (this.#failure ?? this.#error("is gone"))
      : this.#error(`said "${note.type}" instead of "${type}"`);
  }

  #wake(): void {
    this.#waiting.resolve();
    this.#waiting = Promise.withResolvers();
  }

  #error(what: string): Error {
    return new Error(`${this.#sender} ${what}`);
  }
}
