/** Holds what happened until somebody asks. */
export class Latch {
  readonly #files = new Set<string>();
  #waiting: PromiseWithResolvers<void> | undefined;

  /** These files have changed. */
  add(files: readonly string[]): void {
    for (const file of files) this.#files.add(file);
    this.#waiting?.resolve();
  }

  /** Nothing has happened. */
  clear(): void {
    this.#files.clear();
  }

  /** Resolves once something has happened since the last {@link clear}, to all that has. */
  async next(): Promise<readonly string[]> {
    if (this.#files.size === 0) {
      this.#waiting ??= Promise.withResolvers();
      await this.#waiting.promise;
      this.#waiting = undefined;
    }
    return [...this.#files];
  }
}
