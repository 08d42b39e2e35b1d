// Every block of code in the documentation is executed here.
import { spawn, type ChildProcess } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeBlocks, type CodeBlock } from "./code-blocks.ts";

const root = new URL("../..", import.meta.url).pathname;
const pages = globSync(["*.md", "docs/*.md", "deploy/*.md"], { cwd: root });
const DOCUMENTED_SERVER = "nats://127.0.0.1:4222";
// Prose in a box, commands of the shell: the latter are checked below.
const NOT_CODE = new Set(["text", "abnf", "sh"]);

let server: LocalServer;
let folder: string;

beforeAll(async () => {
  server = await startServer();
  // Inside the project, so that its packages resolve.
  mkdirSync(join(root, "test/tmp"), { recursive: true });
  folder = mkdtempSync(join(root, "test/tmp/docs-"));
});

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("the documentation has code blocks", () => {
  expect(pages).toEqual(expect.arrayContaining(["README.md", "docs/guide.md", "docs/protocol.md"]));
  expect(codeBlocks(readFileSync(join(root, "README.md"), "utf8")).length).toBeGreaterThan(3);
});

describe.each(pages)("%s", (page) => {
  const blocks = codeBlocks(readFileSync(join(root, page), "utf8"));
  const scripts = blocks.filter(({ language, file }) => language === "ts" && file === undefined);
  const others = blocks.filter(({ language }) => language !== "ts" && !NOT_CODE.has(language));
  const commands = blocks.filter(({ language }) => language === "sh");

  test("every block is of a kind that is executed", () =>
    expect(others.map(({ language }) => language)).toEqual([]));

  for (const block of scripts) {
    test(`the block at line ${block.line} runs`, async () => {
      const script = write(`${page}-${block.line}.ts`, block);
      expect(await run(script)).toMatchObject({ code: 0, errors: "" });
    });
  }

  for (const { code, line } of commands) {
    test(`the commands at line ${line} exist`, () => {
      const scriptNames = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts);
      for (const [, name] of code.matchAll(/\bnpm run ([\w:-]+)/g)) expect(scriptNames).toContain(name);
    });
  }
});

test("the files that the README shows work together", async () => {
  const files = codeBlocks(readFileSync(join(root, "README.md"), "utf8")).filter(
    ({ file }) => file !== undefined,
  );
  expect(files.map(({ file }) => file)).toEqual(["tasks.ts", "handlers.ts", "worker.ts", "producer.ts"]);
  const { worker, producer } = await runTogether(files);
  expect(worker.code).toBe(0);
  expect(producer).toMatchObject({ code: 0, output: expect.stringContaining("78498") });
});

type Ended = Awaited<ReturnType<typeof run>>;

async function runTogether(
  files: readonly CodeBlock[],
): Promise<{ worker: { code: number | null }; producer: Ended }> {
  for (const block of files) write(block.file ?? "", block);
  const worker = start(join(folder, "worker.ts"));
  const producer = await run(join(folder, "producer.ts"));
  worker.kill("SIGTERM");
  return { worker: { code: await ended(worker) }, producer };
}

function write(name: string, { code }: CodeBlock): string {
  const path = join(folder, name.replaceAll("/", "-"));
  writeFileSync(path, code.replaceAll(DOCUMENTED_SERVER, server.url));
  return path;
}

function start(script: string): ChildProcess {
  return spawn(process.execPath, ["--conditions=source", script], { stdio: ["ignore", "pipe", "pipe"] });
}

async function run(script: string): Promise<{ code: number | null; output: string; errors: string }> {
  const child = start(script);
  let output = "";
  let errors = "";
  child.stdout?.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (errors += data.toString()));
  return { code: await ended(child), output, errors };
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once("exit", (code) => resolve(code));
  return promise;
}
