/** `value` as text, whatever it is. Never throws, unlike `String`. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `${typeof value} that has no text`;
  }
}

/** What `reason` says, whatever was thrown. Never throws. */
export function messageOf(reason: unknown): string {
  try {
    return textOf(reason instanceof Error ? reason.message : reason);
  } catch {
    return "an error that cannot be read";
  }
}
