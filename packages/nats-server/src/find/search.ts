import type { Machine } from "./machine.ts";
import { reasonText } from "../reason-text.ts";

/** A nats-server that can be run. */
export interface ServerBinary {
  /** Absolute path. */
  readonly path: string;
  /** Without a leading `v`: `"2.15.1"`. */
  readonly version: string;
  /** How it was found. */
  readonly source: "option" | "environment" | "path" | "cache" | "release" | "debian";
}

/** What every way of finding a server is given. */
export interface Search {
  readonly machine: Machine;
  /** Holds one folder for each installed version. */
  readonly cacheDir: string;
  readonly report: (message: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** What one way of finding a server came to. */
export type Finding =
  | { readonly kind: "found"; readonly server: ServerBinary }
  | { readonly kind: "missed"; readonly reasons: readonly string[] };

/** The finding of a way that led nowhere. */
export function missed(...reasons: readonly string[]): Finding {
  return { kind: "missed", reasons };
}

/** Run one way of finding; its failure is a reason, an abort is not caught. */
export async function attempt(search: Search, way: (search: Search) => Promise<Finding>): Promise<Finding> {
  try {
    return await way(search);
  } catch (error) {
    search.signal?.throwIfAborted();
    return missed(reasonText(error));
  }
}
