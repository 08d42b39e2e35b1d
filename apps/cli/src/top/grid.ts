import type { Paint, Tone } from "../output/colour.ts";
import { printable } from "../output/printable.ts";

/** A piece of a line. */
export interface Cell {
  readonly text: string;
  readonly tone?: Tone | undefined;
  /** Numbers stand at the right of their column. */
  readonly right?: true;
}

const GAP = 2;

/** Rows of cells in columns, no longer than `width`: what has no room is cut. Pure. */
export function grid(rows: readonly (readonly Cell[])[], width: number, paint: Paint): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach(({ text }, column) => {
      widths[column] = Math.max(widths[column] ?? 0, oneLine(text).length);
    });
  return rows.map((row) => line(row, { widths, width, paint }));
}

interface Frame {
  readonly widths: readonly number[];
  readonly width: number;
  readonly paint: Paint;
}

function line(row: readonly Cell[], { widths, width, paint }: Frame): string {
  let left = width;
  let text = "";
  row.forEach((cell, column) => {
    const room = Math.min(left, widths[column] ?? 0);
    if (room <= 0) return;
    text += painted(cell, room, paint);
    const gap = Math.min(GAP, left - room);
    text += " ".repeat(gap);
    left -= room + gap;
  });
  return text;
}

function painted({ text, tone, right }: Cell, room: number, paint: Paint): string {
  const shown = cut(oneLine(text), room);
  const padding = " ".repeat(room - shown.length);
  const toned = tone === undefined ? shown : paint(tone, shown);
  return right === true ? padding + toned : toned + padding;
}

/** `text` in no more than `room` characters. */
export function cut(text: string, room: number): string {
  if (text.length <= room) return text;
  return room <= 1 ? text.slice(0, room) : `${text.slice(0, room - 1)}…`;
}

function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, " ");
}
