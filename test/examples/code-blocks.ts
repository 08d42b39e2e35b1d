/** A fenced block of code in a Markdown page. */
export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** Where it begins, for the name of its test. */
  readonly line: number;
  /** The file that it shows, if its first line says so: `// tasks.ts`. */
  readonly file: string | undefined;
}

/** The code blocks of a page, in order. */
export function codeBlocks(markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = markdown.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const language = /^```(\w+)$/.exec(lines[index] ?? "")?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", index + 1);
    const body = lines.slice(index + 1, end);
    const file = /^\/\/ ([\w-]+\.ts)$/.exec(body[0] ?? "")?.[1];
    blocks.push({ language, code: body.join("\n"), line: index + 1, file });
    index = end;
  }
  return blocks;
}
