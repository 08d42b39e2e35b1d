import type { DeadLetterDetails, DeadLetterGroup, DeadLetterInfo } from "@umbel/client";
import type { Paint } from "./colour.ts";
import { prettyJson } from "./json.ts";
import { printable } from "./printable.ts";
import { errorsText } from "./run-text.ts";
import { fields, table } from "./table.ts";
import { formatDistance, formatMoment } from "./time.ts";

/** How a text about dead letters is made. */
export interface DeadTextOptions {
  readonly paint: Paint;
  readonly now: number;
}

/** Dead letters for people: one line for each. */
export function lettersText(letters: readonly DeadLetterInfo[], { paint, now }: DeadTextOptions): string {
  const head = heads(["run", "task", "queue", "reason", "attempts", "died", "kind", "error"], paint);
  const rows = letters.map((letter) => [
    printable(letter.runId),
    printable(letter.task),
    printable(letter.queue),
    letter.reason ?? "unreadable",
    String(letter.attempts ?? ""),
    letter.at === undefined ? "" : formatDistance(letter.at, now),
    letter.fingerprint,
    oneLine(letter.error === undefined ? "" : `${letter.error.name}: ${letter.error.message}`),
  ]);
  return table([head, ...rows]);
}

/** Kinds of errors for people: one line for each. */
export function groupsText(groups: readonly DeadLetterGroup[], { paint, now }: DeadTextOptions): string {
  const head = heads(["letters", "kind", "first", "last", "for example", "error"], paint);
  const rows = groups.map(({ count, fingerprint, firstAt, lastAt, runId, name, message, frame }) => [
    String(count),
    fingerprint,
    firstAt === undefined ? "" : formatDistance(firstAt, now),
    lastAt === undefined ? "" : formatDistance(lastAt, now),
    printable(runId),
    oneLine(`${name}: ${message}${frame === undefined ? "" : `, at ${frame}`}`),
  ]);
  return table([head, ...rows]);
}

/** All of a dead letter for people. */
export function letterText(letter: DeadLetterDetails, { paint, now }: DeadTextOptions): string {
  const { at, enqueuedAt, attempts, starts, headers, input, body, tags } = letter;
  const moment = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : `${formatMoment(value)}  (${formatDistance(value, now)})`;
  const text = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : printable(value);
  const overview = fields(
    [
      ["run", text(letter.runId)],
      ["task", text(letter.task)],
      ["queue", text(letter.queue)],
      ["reason", letter.reason ?? "unreadable"],
      ["attempts", attempts === undefined ? undefined : `${attempts} (started ${starts} times)`],
      ["enqueued", moment(enqueuedAt)],
      ["died", moment(at)],
      ["kind", letter.fingerprint],
      ["tags", text(tags?.join(", "))],
      ["redrive of", text(letter.redriveOf)],
      ["subject", text(letter.subject)],
      ["headers", text(headersText(headers))],
      ["input", text(inputText(input, body))],
      ["obstacle", text(letter.obstacle)],
    ],
    (label) => paint("quiet", label),
  );
  return letter.errors.length === 0 ? overview : `${overview}\n\n${errorsText(letter.errors, paint)}`;
}

function headersText(headers: DeadLetterDetails["headers"] = {}): string | undefined {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return lines.length === 0 ? undefined : lines.join("\n");
}

function inputText(input: DeadLetterDetails["input"], body: Uint8Array | undefined): string | undefined {
  if (input !== undefined) return prettyJson(input.value);
  return body === undefined ? undefined : `${body.byteLength} bytes that cannot be decoded`;
}

function heads(titles: readonly string[], paint: Paint): string[] {
  return titles.map((title) => paint("quiet", title));
}

function oneLine(text: string): string {
  const line = printable(text.replaceAll(/\s+/g, " "));
  return line.length <= 100 ? line : `${line.slice(0, 99)}…`;
}
