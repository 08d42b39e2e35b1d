/** Counts how often each of a known number of runs was executed: a run that is executed twice shows. */
export class Executions {
  readonly #seen: Uint8Array;
  #total = 0;
  #distinct = 0;

  /** @param expected how many runs there are; their indexes go from 0 to one less. */
  constructor(expected: number) {
    this.#seen = new Uint8Array(expected);
  }

  /** Executions of any run. */
  get total(): number {
    return this.#total;
  }

  /** Runs that were executed at least once. */
  get distinct(): number {
    return this.#distinct;
  }

  /** The run with this index is executed. @throws RangeError for an index that no run has */
  mark(index: number): void {
    const seen = this.#seen[index];
    if (seen === undefined) throw new RangeError(`a run with the unknown index ${index} was executed`);
    this.#total += 1;
    if (seen === 0) this.#distinct += 1;
    this.#seen[index] = 1;
  }
}
