import { expect, test } from "vitest";
import { parseDeb822Sources, parseOneLineSources, parseParagraphs } from "./apt-sources.ts";

test("the one-line format, with options, comments and sources that are not binary", () => {
  const text = `# a comment
deb http://deb.mirror.test/debian bookworm main contrib # trailing
  deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] https://a.test/debian/ trixie main
deb-src http://deb.mirror.test/debian bookworm main
#deb http://off.test/debian bookworm main
deb http://flat.test/ ./
`;
  expect(parseOneLineSources(text)).toEqual([
    { uris: ["http://deb.mirror.test/debian"], suites: ["bookworm"], components: ["main", "contrib"] },
    { uris: ["https://a.test/debian/"], suites: ["trixie"], components: ["main"] },
    { uris: ["http://flat.test/"], suites: ["./"], components: [] },
  ]);
});

test("the deb822 format, with several values, folded fields, comments and disabled paragraphs", () => {
  const text = `# a comment
Types: deb deb-src
URIs: http://deb.mirror.test/debian http://b.test/debian
Suites: bookworm bookworm-updates
# between
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc: def

Types: deb
URIs: http://off.test/debian
Suites: sid
Components: main
Enabled: no


types: deb-src
uris: http://source.test/debian
suites: sid
components: main
`;
  expect(parseDeb822Sources(text)).toEqual([
    {
      uris: ["http://deb.mirror.test/debian", "http://b.test/debian"],
      suites: ["bookworm", "bookworm-updates"],
      components: ["main"],
    },
  ]);
});

test("folded lines belong to their field", () => {
  const [fields] = parseParagraphs("A: 1\nB: x\n y: z\n w\nC: 2\n");
  expect(Object.fromEntries(fields ?? [])).toEqual({ a: "1", b: "x\ny: z\nw", c: "2" });
});
