/** The object in a text that is one line of JSON. @throws when it is anything else */
export function parseLine(text: string): Readonly<Record<string, unknown>> {
  if (text.trimEnd().includes("\n")) throw new Error(`more than one line: ${text}`);
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new Error(`no object: ${text}`);
  return { ...value };
}
