// Packs every package that is published and checks what users would get: files, exports and types.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const root = new URL("../..", import.meta.url).pathname;
const folders = ["packages", "apps"].flatMap((parent) =>
  readdirSync(join(root, parent)).map((name) => join(root, parent, name)),
);

let problems = 0;
for (const folder of folders) {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (manifest.private === true) continue;
  problems += await check(folder, manifest);
}
process.exitCode = problems === 0 ? 0 : 1;

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: unknown;
}

async function check(folder: string, manifest: Manifest): Promise<number> {
  const { messages } = await publint({ pkgDir: folder, strict: true });
  for (const message of messages)
    write(`${manifest.name}: ${formatMessage(message, manifest) ?? message.code}`);
  const types = manifest.exports === undefined ? 0 : checkTypes(folder, manifest.name);
  if (messages.length + types === 0) write(`${manifest.name}: ok`);
  return messages.length + types;
}

// Are the types wrong? https://arethetypeswrong.github.io
function checkTypes(folder: string, name: string): number {
  const target = mkdtempSync(join(tmpdir(), "umbel-pack-"));
  try {
    const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", target], {
      cwd: folder,
      encoding: "utf8",
    });
    const tarball = join(target, packed.trim().split("\n").at(-1) ?? "");
    execFileSync("attw", [tarball, "--profile", "esm-only", "--format", "ascii"], {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
    });
    return 0;
  } catch (error) {
    write(`${name}: ${error instanceof Error && "stdout" in error ? String(error.stdout) : String(error)}`);
    return 1;
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
