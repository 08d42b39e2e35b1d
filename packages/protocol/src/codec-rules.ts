/** How deep values may nest, on the way out and on the way in. The outermost value has depth 1. */
export const MAX_DEPTH = 100;

/**
 * MessagePack extension types of the wire protocol. A Date is the standard timestamp (-1).
 * Spec: https://github.com/msgpack/msgpack/blob/master/spec.md#extension-types
 */
export const EXTENSION_TYPES = { bigint: 1, map: 2, set: 3 } as const;

/** The standard extension type of a Date. */
export const TIMESTAMP_TYPE = -1;

/** The most characters of a bigint: the time that reading one takes grows faster than its length. */
export const MAX_BIGINT_LENGTH = 10_000;

/** The one key that a map may not have: it would set a prototype. */
export const FORBIDDEN_KEY = "__proto__";
