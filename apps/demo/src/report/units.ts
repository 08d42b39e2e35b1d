/** `ms` for a person: `"4.9 s"`. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** `ms` for a person: `"2.3 ms"`. */
export function milliseconds(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}

/** `count` things: `"1 thread"`, `"2 threads"`. */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;
}
