/** How many outcomes that nobody waits for yet are remembered, and up to which size. */
const KEPT = 512;
const MAX_BYTES = 16_384;

/**
 * The last outcomes that came before anyone asked: a fast run is done before its enqueue has been awaited.
 */
export class RecentNotices {
  readonly #bodies = new Map<string, Uint8Array>();

  add(runId: string, body: Uint8Array): void {
    // So that the last notice of a run counts, and is the youngest.
    this.#bodies.delete(runId);
    if (body.byteLength > MAX_BYTES) return;
    this.#bodies.set(runId, body);
    if (this.#bodies.size <= KEPT) return;
    const oldest = this.#bodies.keys().next();
    if (oldest.done !== true) this.#bodies.delete(oldest.value);
  }

  take(runId: string): Uint8Array | undefined {
    const body = this.#bodies.get(runId);
    this.#bodies.delete(runId);
    return body;
  }
}
