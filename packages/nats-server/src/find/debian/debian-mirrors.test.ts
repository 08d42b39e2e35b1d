import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { chooseMirrors, debianMirrors } from "./debian-mirrors.ts";

const source = (uri: string, suite: string, component = "main") => ({
  uris: [uri],
  suites: [suite],
  components: [component],
});

test("only Debian's own archive is chosen, the likeliest first", () => {
  const chosen = chooseMirrors([
    source("http://mirror.test/apt/debian-remote", "bookworm"),
    source("http://deb.mirror.test/debian/", "bookworm-updates"),
    source("http://deb.mirror.test/debian", "bookworm"),
    source("http://deb.mirror.test/debian-security", "bookworm-security"),
    source("https://download.docker.test/linux/debian", "bookworm", "stable"),
    source("https://packages.test/apt", "cloud-sdk-bookworm"),
    source("http://archive.ubuntu.test/ubuntu", "noble"),
    source("cdrom:[Debian]/", "bookworm"),
  ]);
  expect(chosen).toEqual(["http://deb.mirror.test/debian", "http://mirror.test/apt/debian-remote"]);
});

let aptDir: string;
beforeEach(async () => {
  aptDir = await mkdtemp(join(tmpdir(), "umbel apt-"));
});
afterEach(() => rm(aptDir, { recursive: true, force: true }));

test("both formats and lists of mirrors are read from apt's folder", async () => {
  await mkdir(join(aptDir, "sources.list.d"));
  const list = join(aptDir, "mirrors.list");
  await writeFile(list, "# mirrors\nhttps://c.test/debian/\tpriority:1\n\n");
  await writeFile(join(aptDir, "sources.list"), "deb http://a.test/debian trixie main\n");
  const paragraph = (uri: string): string => `Types: deb\nURIs: ${uri}\nSuites: trixie\nComponents: main\n`;
  await writeFile(join(aptDir, "sources.list.d", "b.sources"), paragraph("http://b.test/debian"));
  await writeFile(
    join(aptDir, "sources.list.d", "c.sources"),
    paragraph(`mirror+${pathToFileURL(list).href}`),
  );
  await writeFile(join(aptDir, "sources.list.d", "d.list.save"), "deb http://d.test/debian trixie main\n");
  expect(await debianMirrors(aptDir)).toEqual([
    "http://a.test/debian",
    "http://b.test/debian",
    "https://c.test/debian",
  ]);
});

test("a machine without apt has none", async () => {
  expect(await debianMirrors(join(aptDir, "none"))).toEqual([]);
});
