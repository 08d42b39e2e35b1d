import type { SerializedError } from "./serialized-error.ts";

/** What tells kinds of errors apart. */
export interface ErrorKind {
  /** 16 hexadecimal digits: the same for errors of the same kind, whichever process they are from. */
  readonly fingerprint: string;
  readonly name: string;
  readonly code?: string;
  /** The message without what differs from run to run. */
  readonly message: string;
  /** The uppermost frame of the user's own code: function and file. */
  readonly frame?: string;
}

const LONGEST_MESSAGE = 200;

/**
 * The kind of an error: its name, its code, its message with quoted texts, numbers and ids taken out, and the
 * function and file that it was thrown in. Folders and lines do not count: they differ between machines and
 * deploys. Pure.
 */
export function errorKind({ name, code, message, stack }: SerializedError): ErrorKind {
  const general = generalMessage(message);
  const frame = stack === undefined ? undefined : ownFrame(stack);
  return {
    fingerprint: hash([name, code ?? "", general, frame ?? ""].join("\n")),
    name,
    ...(code === undefined ? {} : { code }),
    message: general,
    ...(frame === undefined ? {} : { frame }),
  };
}

// An apostrophe inside a word quotes nothing.
const QUOTED = /"[^"\n]*"|`[^`\n]*`|(?<![\p{L}\p{N}])'[^'\n]*'(?![\p{L}\p{N}])|“[^”\n]*”|«[^»\n]*»/gu;
// Every word with a digit: numbers, dates, ids, addresses.
const WITH_DIGIT = /[\p{L}\p{N}_-]*\p{N}[\p{L}\p{N}_-]*/gu;

/** `message` without what differs from run to run: `user "ada" (id 7)` becomes `user "…" (id #)`. Pure. */
export function generalMessage(message: string): string {
  const general = message
    .replaceAll(QUOTED, '"…"')
    .replaceAll(WITH_DIGIT, "#")
    .replaceAll(/#(?:[.:/,]#)+/g, "#")
    .replaceAll(/\s+/g, " ")
    .trim();
  return general.slice(0, LONGEST_MESSAGE);
}

const FOREIGN = /node:|[/\\]node_modules[/\\]|\(native\)|<anonymous>\)?$/;

function ownFrame(stack: string): string | undefined {
  for (const line of stack.split("\n")) {
    const frame = /^\s+at (?:async )?(.+)$/.exec(line)?.[1];
    if (frame !== undefined && !FOREIGN.test(frame)) return shortFrame(frame);
  }
  return undefined;
}

// `call (/folder/file.js:1:2)` or `/folder/file.js:1:2`
function shortFrame(frame: string): string {
  const [, call, place = frame] = /^(.+?) \((.*)\)$/.exec(frame) ?? [];
  const file = place.replace(/(?::\d+){1,2}$/, "").replace(/^.*[/\\]/, "");
  return call === undefined ? file : `${call} (${file})`;
}

// FNV-1a, 64 bits: a fingerprint need not withstand an enemy.
function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  }
  return value.toString(16).padStart(16, "0");
}
