import { ShortLivedMap } from "@umbel/runtime";

/** How many outcomes that nobody waits for yet are remembered at most, how large each may be, and all together. */
const KEPT = 16_384;
const MAX_BYTES = 16_384;
const MOST_BYTES = 4_194_304;

/**
 * The last outcomes that came before anyone asked: a fast run is done before its enqueue has been awaited, and of a bulk
 * thousands are. Whatever is not remembered must be read from the broker when it is asked for. Forgotten is by halves: the
 * older one, when the younger one is full.
 */
export class RecentNotices {
  #young = new Notices();
  #older = new Notices();

  add(runId: string, body: Uint8Array): void {
    // The last notice of a run counts.
    this.take(runId);
    if (body.byteLength > MAX_BYTES) return;
    this.#young.add(runId, body);
    if (this.#young.size < KEPT / 2 && this.#young.bytes < MOST_BYTES / 2) return;
    this.#older = this.#young;
    this.#young = new Notices();
  }

  take(runId: string): Uint8Array | undefined {
    return this.#young.take(runId) ?? this.#older.take(runId);
  }
}

class Notices {
  readonly #bodies = new ShortLivedMap<string, Uint8Array>();
  bytes = 0;

  get size(): number {
    return this.#bodies.size;
  }

  add(runId: string, body: Uint8Array): void {
    // A view would keep all that came with it.
    this.#bodies.set(runId, new Uint8Array(body));
    this.bytes += body.byteLength;
  }

  take(runId: string): Uint8Array | undefined {
    const body = this.#bodies.take(runId);
    this.bytes -= body?.byteLength ?? 0;
    return body;
  }
}
