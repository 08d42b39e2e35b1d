import { invalidArgument } from "./umbel-error.ts";

const TASK_NAME = /^[A-Za-z0-9_/:-]+(?:\.[A-Za-z0-9_/:-]+)*$/;
const QUEUE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const MESH_NAME = /^[a-z][a-z0-9-]*$/;
const RUN_ID = /^[A-Za-z0-9_-]+$/;

const MAX_TASK_NAME = 128;
const MAX_QUEUE_NAME = 64;
const MAX_MESH_NAME = 32;
const MAX_RUN_ID = 64;

/** @throws UmbelError `invalid_argument` unless `value` can name a task. */
export function checkTaskName(value: unknown, field = "task"): string {
  return check(value, {
    pattern: TASK_NAME,
    maxLength: MAX_TASK_NAME,
    field,
    expected: `a task name of 1 to ${MAX_TASK_NAME} letters, digits, "_", "-", ":" or "/", in parts joined by single dots`,
    fix: 'For example "media.thumbnail".',
  });
}

/** @throws UmbelError `invalid_argument` unless `value` can name a queue. */
export function checkQueueName(value: unknown, field = "queue"): string {
  return check(value, {
    pattern: QUEUE_NAME,
    maxLength: MAX_QUEUE_NAME,
    field,
    expected: `a queue name of 1 to ${MAX_QUEUE_NAME} letters, digits, "_" or "-", a letter or digit first`,
    fix: 'For example "media".',
  });
}

/** @throws UmbelError `invalid_argument` unless `value` can name a mesh. */
export function checkMeshName(value: unknown, field = "mesh"): string {
  return check(value, {
    pattern: MESH_NAME,
    maxLength: MAX_MESH_NAME,
    field,
    expected: `a mesh name of 1 to ${MAX_MESH_NAME} lower-case letters, digits or "-", a letter first`,
    fix: 'For example "umbel".',
  });
}

/** @throws UmbelError `invalid_argument` unless `value` has the form of a run id. */
export function checkRunId(value: unknown, field = "runId"): string {
  return check(value, {
    pattern: RUN_ID,
    maxLength: MAX_RUN_ID,
    field,
    expected: `a run id of 1 to ${MAX_RUN_ID} letters, digits, "_" or "-"`,
  });
}

/** Whether the task that a foreign header names could be a task at all. */
export function isTaskName(value: string): boolean {
  return value.length <= MAX_TASK_NAME && TASK_NAME.test(value);
}

/** Whether `value` can name a queue. */
export function isQueueName(value: string): boolean {
  return value.length <= MAX_QUEUE_NAME && QUEUE_NAME.test(value);
}

/** Whether `value` can name a mesh. */
export function isMeshName(value: string): boolean {
  return value.length <= MAX_MESH_NAME && MESH_NAME.test(value);
}

/** Whether `value` has the form of a run id. */
export function isRunId(value: string): boolean {
  return value.length <= MAX_RUN_ID && RUN_ID.test(value);
}

interface Rule {
  readonly pattern: RegExp;
  readonly maxLength: number;
  readonly field: string;
  readonly expected: string;
  readonly fix?: string;
}

function check(value: unknown, { pattern, maxLength, ...rule }: Rule): string {
  if (typeof value === "string" && value.length <= maxLength && pattern.test(value)) return value;
  throw invalidArgument({ ...rule, received: value });
}

/**
 * `text` as one subject token: letters, digits, `_` and `-` stay, a dot becomes `~`, every other byte of
 * its UTF-8 form becomes `=XX`, and no text at all becomes `=`. Nothing that a user types can add a token or a
 * wildcard, or leave a token empty. (Half a surrogate pair has no UTF-8 form and becomes U+FFFD.)
 */
export function encodeToken(text: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  if (text === "") return EMPTY_TOKEN;
  let token = "";
  for (const character of text) token += encodeCharacter(character);
  return token;
}

const EMPTY_TOKEN = "=";

function encodeCharacter(character: string): string {
  if (/^[A-Za-z0-9_-]$/.test(character)) return character;
  if (character === ".") return "~";
  let escaped = "";
  for (const byte of new TextEncoder().encode(character)) {
    escaped += `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}

/** The text that {@link encodeToken} made `token` from, or `undefined` when no text gives that token. */
export function decodeToken(token: string): string | undefined {
  if (token === EMPTY_TOKEN) return "";
  if (!/^(?:[A-Za-z0-9_~-]|=[0-9A-F]{2})+$/.test(token)) return undefined;
  const percent = token.replaceAll("~", ".").replaceAll("=", "%");
  try {
    const text = decodeURIComponent(percent);
    return encodeToken(text) === token ? text : undefined;
  } catch {
    return undefined;
  }
}
