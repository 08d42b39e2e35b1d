import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import { basename } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { UnreachableError, httpGet } from "./http-get.ts";
import { idleSignal, type IdleSignal } from "./idle-signal.ts";

/** How something is downloaded. */
export interface DownloadOptions {
  readonly report: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the server must have answered. @default 5_000 */
  readonly connectTimeoutMs?: number | undefined;
  /** An HTTP proxy for `http:` URLs. */
  readonly proxy?: string | undefined;
}

const CONNECT_TIMEOUT_MS = 5_000;
const STALL_TIMEOUT_MS = 30_000;
const REPORT_EVERY_MS = 5_000;

/** A small text file. */
export async function downloadText(url: string, options: DownloadOptions): Promise<string> {
  options.report(`downloading ${url}`);
  return answered(url, options, async (response, idle) => {
    idle.touch(STALL_TIMEOUT_MS);
    return text(response);
  });
}

/** A file that is known by its checksum. */
export interface VerifiedFile {
  readonly url: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Where to write it. */
  readonly path: string;
}

/**
 * Download a file and verify it.
 *
 * @throws an error when the checksum differs, the server says no, cannot be reached or stops sending.
 */
export async function downloadVerified(file: VerifiedFile, options: DownloadOptions): Promise<void> {
  const received = await answered(file.url, options, (response, idle) =>
    writeBody({ response, idle, file, report: options.report }),
  );
  if (received === file.sha256) return;
  throw new Error(`the SHA-256 of ${file.url} is ${received}, but ${file.sha256} is published: not used`);
}

type Use<T> = (response: IncomingMessage, idle: IdleSignal) => Promise<T>;

async function answered<T>(url: string, options: DownloadOptions, use: Use<T>): Promise<T> {
  using idle = idleSignal(options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS, options.signal);
  try {
    const response = await httpGet(new URL(url), { signal: idle.signal, proxy: options.proxy });
    return await use(response, idle);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!idle.signal.aborted) throw error;
    throw new UnreachableError(`${new URL(url).host} cannot be reached`, { cause: idle.signal.reason });
  }
}

interface Body {
  readonly response: IncomingMessage;
  readonly idle: IdleSignal;
  readonly file: VerifiedFile;
  readonly report: (message: string) => void;
}

async function writeBody({ response, idle, file, report }: Body): Promise<string> {
  const hash = createHash("sha256");
  const progress = createProgress(file.url, response.headers["content-length"], report);
  const watch = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      idle.touch(STALL_TIMEOUT_MS);
      hash.update(chunk);
      progress(chunk.byteLength);
      yield chunk;
    }
  };
  idle.touch(STALL_TIMEOUT_MS);
  await pipeline(response, watch, createWriteStream(file.path));
  return hash.digest("hex");
}

type Report = (message: string) => void;

function createProgress(url: string, length: string | undefined, report: Report): (bytes: number) => void {
  const total = length === undefined ? "size unknown" : megabytes(Number(length));
  report(`downloading ${url} (${total})`);
  let received = 0;
  let lastReportMs = performance.now();
  return (bytes) => {
    received += bytes;
    if (performance.now() - lastReportMs < REPORT_EVERY_MS) return;
    lastReportMs = performance.now();
    report(`downloading ${basename(url)}: ${megabytes(received)} of ${total}`);
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
