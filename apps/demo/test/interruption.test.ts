import { eventually } from "@umbel/runtime";
import { describe, expect, it } from "vitest";
import { DemoProcess, isAlive } from "./helpers/demo-process.ts";

describe("npm run demo", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 130],
    ["SIGKILL", null],
  ] as const)("leaves no worker behind when it ends by %s", async (signal, code) => {
    await using demo = new DemoProcess(["--quick"]);
    await eventually("the first phase", () => demo.stdout.includes("Without faults"), { timeoutMs: 60_000 });
    const pids = demo.workerPids;
    expect(pids).toHaveLength(2);
    demo.signal(signal);
    expect(await demo.ended()).toBe(code);
    await eventually("the end of the workers", () => !pids.some(isAlive), { timeoutMs: 30_000 });
  });

  it("refuses an argument that it does not know", async () => {
    await using demo = new DemoProcess(["--fast", "--json"]);
    expect(await demo.ended()).toBe(2);
    expect(demo.stderr).toContain("--quick");
    expect(demo.lastLine).toMatchObject({ ok: false, error: { code: "invalid_argument" } });
  });
});
