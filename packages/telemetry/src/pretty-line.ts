import { styleText } from "node:util";
import { ATTRIBUTES } from "./attributes.ts";

type Style = Parameters<typeof styleText>[0];

const LEVEL_STYLES: ReadonlyMap<unknown, Style> = new Map<unknown, Style>([
  ["debug", "gray"],
  ["info", "green"],
  ["warn", "yellow"],
  ["error", "red"],
]);

/** Shown at the start of the line, or of no use to someone who reads along. */
const NOT_REPEATED: ReadonlySet<string> = new Set(["level", "time", "msg", "pid", "hostname", "name"]);

/**
 * A JSON log line as people read it: local time, level, message, fields, and below them the stacks of an
 * error. Text that is no JSON object comes back as it is.
 */
export function prettyLine(line: string, colour: boolean): string {
  const record = parseRecord(line);
  if (record === undefined) return line;
  const label = String(record["level"]).toUpperCase().padEnd(5);
  const style = LEVEL_STYLES.get(record["level"]);
  const level = colour && style !== undefined ? styleText(style, label, { validateStream: false }) : label;
  const parts = [localTime(record["time"]), level, asText(record["msg"] ?? ""), ...shownFields(record)];
  return `${parts.join(" ")}${stacks(record[ATTRIBUTES.logError], "")}\n`;
}

/** What a terminal obeys rather than shows. A log line may quote anybody's words. */
const CONTROLS = /[^\P{Cc}\n\t]/gu;

function harmless(text: string): string {
  return text.replaceAll(
    CONTROLS,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

function shownFields(record: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(record)
    .filter(([key, value]) => !NOT_REPEATED.has(key) && !(key === ATTRIBUTES.logError && isRecord(value)))
    .map(([key, value]) => `${key}=${asText(value)}`);
}

function stacks(error: unknown, prefix: string): string {
  if (!isRecord(error)) return "";
  const text = asText(error["stack"] ?? error["message"] ?? error).replaceAll("\n", "\n    ");
  return `\n    ${prefix}${text}${stacks(error["cause"], "Caused by: ")}`;
}

function asText(value: unknown): string {
  return harmless(typeof value === "string" ? value : JSON.stringify(value));
}

function localTime(time: unknown): string {
  const date = new Date(typeof time === "string" || typeof time === "number" ? time : Number.NaN);
  if (Number.isNaN(date.getTime())) return String(time);
  const milliseconds = String(date.getMilliseconds()).padStart(3, "0");
  return `${date.toTimeString().slice(0, 8)}.${milliseconds}`;
}

function parseRecord(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
