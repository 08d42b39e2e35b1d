/** How many outcomes that nobody waits for yet are remembered, how large each may be, and all together. */
const KEPT = 16_384;
const MAX_BYTES = 16_384;
const MOST_BYTES = 4_194_304;

/**
 * The last outcomes that came before anyone asked: a fast run is done before its enqueue has been awaited, and of a bulk
 * thousands are. Whatever is not remembered must be read from the broker when it is asked for.
 */
export class RecentNotices {
  readonly #bodies = new Map<string, Uint8Array>();
  #bytes = 0;

  add(runId: string, body: Uint8Array): void {
    // So that the last notice of a run counts, and is the youngest.
    this.take(runId);
    if (body.byteLength > MAX_BYTES) return;
    // A view would keep all that came with it.
    this.#bodies.set(runId, new Uint8Array(body));
    this.#bytes += body.byteLength;
    while (this.#bodies.size > KEPT || this.#bytes > MOST_BYTES) this.#forgetOldest();
  }

  take(runId: string): Uint8Array | undefined {
    const body = this.#bodies.get(runId);
    if (body === undefined) return undefined;
    this.#bodies.delete(runId);
    this.#bytes -= body.byteLength;
    return body;
  }

  #forgetOldest(): void {
    const oldest = this.#bodies.keys().next();
    if (oldest.done !== true) this.take(oldest.value);
  }
}
