import { stripVTControlCharacters } from "node:util";

const GAP = "  ";

/**
 * Rows of cells in columns, as wide as their widest cell; the last column is not padded. A line break in the
 * last cell of a row goes on below that cell.
 */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = columnWidths(rows);
  return rows.map((row) => renderRow(row, widths)).join("\n");
}

/** Labels and values, one pair a line; pairs without a value are left out. */
export function fields(
  pairs: readonly (readonly [label: string, value: string | undefined])[],
  paintLabel: (label: string) => string,
): string {
  const rows = pairs.flatMap(([label, value]) => (value === undefined ? [] : [[paintLabel(label), value]]));
  return table(rows);
}

/** `text` with `indent` before each of its lines. */
export function indented(text: string, indent: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? line : indent + line))
    .join("\n");
}

/** `text` with its lines broken between words, so that none is longer than `width` if that is possible. */
export function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    let current = "";
    for (const word of line.split(" ")) {
      if (current !== "" && current.length + 1 + word.length > width) {
        lines.push(current);
        current = word;
      } else current = current === "" ? word : `${current} ${word}`;
    }
    lines.push(current);
  }
  return lines.join("\n");
}

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      // The last cell of a row pushes nothing aside.
      if (column < row.length - 1) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    });
  }
  return widths;
}

function renderRow(row: readonly string[], widths: readonly number[]): string {
  const before = row.slice(0, -1).map((cell, column) => pad(cell, widths[column] ?? 0) + GAP);
  const left = before.reduce((sum, cell) => sum + widthOf(cell), 0);
  const last = (row.at(-1) ?? "").split("\n").join(`\n${" ".repeat(left)}`);
  return (before.join("") + last).trimEnd();
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - widthOf(cell)));
}

// Colours take no room on the screen.
function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
