const SLAB_BYTES = 16_384;
/** What is longer gets memory of its own: of a slab too much would be left over. */
const MOST_BYTES = 2_048;

let slab = new Uint8Array(SLAB_BYTES);
let used = 0;

/**
 * A copy of `bytes`, for those whose memory is used again. Small ones share a slab: memory of its own is a third of what
 * encoding a small value costs.
 */
export function keepBytes(bytes: Uint8Array): Uint8Array {
  const { byteLength } = bytes;
  if (byteLength > MOST_BYTES) return bytes.slice();
  if (used + byteLength > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    used = 0;
  }
  const kept = slab.subarray(used, used + byteLength);
  kept.set(bytes);
  used += byteLength;
  return kept;
}
