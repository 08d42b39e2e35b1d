/**
 * `text` without what could command a terminal: task names, error messages and results come from elsewhere.
 * Control characters other than line feed and tab become visible escapes.
 */
export function printable(text: string): string {
  let safe = "";
  for (const character of text) safe += isControl(character) ? escape(character) : character;
  return safe;
}

function isControl(character: string): boolean {
  const code = character.charCodeAt(0);
  if (character === "\n" || character === "\t") return false;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

function escape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
