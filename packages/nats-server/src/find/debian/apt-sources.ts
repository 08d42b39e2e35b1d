/** One place of packages, as the sources of apt describe it. */
export interface AptSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/** The binary sources of a file in the one-line format: `deb [options] uri suite component…`. */
export function parseOneLineSources(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?([^#]+)/.exec(line);
    const [uri, suite, ...components] = words(match?.[1]);
    return uri === undefined || suite === undefined ? [] : [{ uris: [uri], suites: [suite], components }];
  });
}

/** The enabled binary sources of a file in the deb822 format: paragraphs of `Field: value`. */
export function parseDeb822Sources(text: string): AptSource[] {
  return parseParagraphs(text)
    .filter((fields) => words(fields.get("types")).includes("deb"))
    .filter((fields) => !/^(no|false|off|0|without|disable)$/i.test(fields.get("enabled") ?? "yes"))
    .map((fields) => ({
      uris: words(fields.get("uris")),
      suites: words(fields.get("suites")),
      components: words(fields.get("components")),
    }));
}

/** The paragraphs of a Debian control file; field names in lower case, folded lines joined by line feeds. */
export function parseParagraphs(text: string): Map<string, string>[] {
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  const paragraphs: Map<string, string>[] = [];
  let fields: Map<string, string> | undefined;
  let last = "";
  for (const line of lines) {
    const [, name, value = ""] = /^([^\s:]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (line.trim() === "") {
      fields = undefined;
    } else if (name !== undefined) {
      if (fields === undefined) paragraphs.push((fields = new Map<string, string>()));
      last = name.toLowerCase();
      fields.set(last, value);
    } else if (fields !== undefined) {
      fields.set(last, `${fields.get(last) ?? ""}\n${line.trim()}`);
    }
  }
  return paragraphs;
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}
