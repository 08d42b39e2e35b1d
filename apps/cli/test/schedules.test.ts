import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type Mesh } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { temporaryFolder } from "./helpers/temporary-folder.ts";
import { startUmbel, umbel, type Finished } from "./helpers/umbel.ts";

const HANDLERS = new URL("./fixtures/handlers.ts", import.meta.url).pathname;

let server: LocalServer;
let mesh: Mesh;

beforeAll(async () => {
  server = await startServer();
  mesh = await connect({ servers: server.url });
});

afterAll(async () => {
  await mesh?.close();
  await server?.stop();
});

function run(...args: readonly string[]): Promise<Finished> {
  return umbel(["schedules", ...args], { env: { UMBEL_SERVER: server.url } });
}

describe("umbel schedules", () => {
  test("put makes one and changes some of it, list and show tell it, delete asks first", async () => {
    expect((await run("list")).out).toBe("there are no schedules\n");
    const cron = ["--cron", "0 22 * * *", "--time-zone", "Asia/Ho_Chi_Minh"];
    const made = await run(
      "put",
      "night",
      ...cron,
      "--task",
      "math.add",
      "--input",
      "[1,2]",
      "--overlap",
      "skip",
    );
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^night: active, version 1, next in /),
    });
    expect(made.out).toContain("22:00:00 Asia/Ho_Chi_Minh");
    const changed = await run(
      "put",
      "night",
      "--cron",
      "0 21 * * *",
      "--if-version",
      "1",
      "--by",
      "ada",
      "--json",
    );
    expect(parseLine(changed.out)).toMatchObject({
      id: "night",
      version: 2,
      when: { cron: "0 21 * * *", timeZone: "Asia/Ho_Chi_Minh" },
      input: [1, 2],
      overlap: "skip",
      changedBy: "ada",
    });
    const stale = await run("put", "night", "--cron", "0 20 * * *", "--if-version", "1");
    expect(stale).toMatchObject({ code: 1, out: "" });
    expect(stale.err).toContain("expected version 1, and it is at version 2, changed by ada");

    const [head, line] = (await run("list")).out.split("\n");
    expect(head).toMatch(/^schedule +state +when +next +last run +fired +missed +task$/);
    expect(line).toMatch(/^night +active +0 21 \* \* \* Asia\/Ho_Chi_Minh +in .* +- +0 +0 +math.add$/);
    const shown = (await run("show", "night")).out;
    for (const text of ["version", "by ada", "overlap skip", "21:00:00 Asia/Ho_Chi_Minh"])
      expect(shown).toContain(text);
    expect(shown.match(/21:00:00 Asia/g)).toHaveLength(5);

    const unsure = await run("delete", "night");
    expect(unsure).toMatchObject({ code: 2, err: expect.stringContaining("Delete 1 schedule (night)") });
    expect(await run("delete", "night", "--yes")).toMatchObject({ code: 0, out: "deleted 1 schedule\n" });
    expect(parseLine((await run("list", "--json")).out)).toEqual({ schedules: [] });
  });

  test("run makes a run now, pause and resume do what they say", async () => {
    await using worker = startUmbel(["worker", HANDLERS, "--server", server.url]);
    await worker.says("worker.started");
    await mesh.schedules.put("adding", { every: "1h", task: "math.add", input: [1, 2] });
    const ran = await run("run", "adding", "--wait", "20s", "--json");
    expect(parseLine(ran.out)).toMatchObject({ schedule: "adding", state: "succeeded", result: 3 });
    const paused = await run("pause", "adding", "--reason", "moving", "--by", "ada");
    expect(paused).toMatchObject({ code: 0, out: "adding: paused, version 2\n" });
    expect((await run("show", "adding")).out).toContain("by ada, moving");
    expect((await run("next", "adding")).err).toContain("is paused");
    expect((await run("resume", "adding")).out).toMatch(/^adding: active, version 3, next in 59 min/);
    expect((await run("show", "adding")).out).toMatch(/succeeded +\d{4}-.* +by-hand/);
    await mesh.schedules.delete("adding");
  });

  test("next tells the times of what there is not yet, clocks that are changed included", async () => {
    const times = [
      "--cron",
      "30 2 * 3,10 sun",
      "--time-zone",
      "Europe/Paris",
      "--start",
      "2027-03-28T00:00:00Z",
    ];
    const { out, code } = await run("next", ...times, "--count", "1");
    expect({ code, out }).toEqual({
      code: 0,
      out: "2027-03-28 03:00:00 Europe/Paris  2027-03-28T01:00:00.000Z\n",
    });
    const skipped = await run("next", ...times, "--gap", "skip", "--count", "1", "--json");
    expect(parseLine(skipped.out)).toEqual({ next: ["2027-10-03T00:30:00.000Z"] });
  });

  test("sync makes a file's schedules those of the mesh, and deletes only when told", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "schedules.json");
    const entry = { id: "a", every: "1h", task: "math.add", input: [1] };
    await writeFile(file, JSON.stringify([entry, { ...entry, id: "b" }]));
    const dry = await run("sync", file, "--dry-run");
    expect(dry).toMatchObject({ code: 0, out: "created  a, b\n" });
    expect(dry.err).toContain("Nothing was changed");
    expect((await run("sync", file)).out).toBe("created  a, b\n");
    await writeFile(file, JSON.stringify({ schedules: [{ ...entry, every: "2h" }] }));
    const changed = await run("sync", file);
    expect(changed.out).toBe("updated           a\ndeclared no more  b\n");
    expect(changed.err).toContain("--remove deletes them");
    expect(await run("sync", file, "--remove")).toMatchObject({ code: 2 });
    const removed = await run("sync", file, "--remove", "--yes", "--json");
    expect(parseLine(removed.out)).toMatchObject({ unchanged: ["a"], removed: ["b"], deleted: true });

    const module = join(folder.path, "schedules.ts");
    await writeFile(module, `export const schedules = [${JSON.stringify(entry)}];`);
    expect((await run("sync", module)).out).toBe("updated  a\n");
    await mesh.schedules.delete("a");
  });
});

describe.concurrent("called wrongly: exit code 2, and nothing changes", () => {
  const WRONG = "wrong";

  test.each([
    [
      ["put", "s", "--cron", "0 25 * * *", "--task", "t"],
      '--cron: expected a cron expression, received "0 25 * * *". The hour "25" is wrong',
    ],
    [
      ["put", "s", "--cron", "@daily", "--time-zone", "Europe/Pari", "--task", "t"],
      '--time-zone: expected the IANA name of a time zone, such as "Europe/Paris" or "UTC", received "Europe/Pari". Did you mean "Europe/Paris"?',
    ],
    [
      ["put", "s", "--every", "1h"],
      "--task: expected the name of a task, because there is no schedule s yet",
    ],
    [
      ["put", "known", "--catch-up", "lates"],
      '--catch-up: expected one of skip, latest, all, received "lates". Did you mean "latest"?',
    ],
    [["next", "--solar", "sunsit,1,2"], "--solar: expected one of dawn-astronomical"],
    [["delete", "known", "knwn", "--yes"], 'there is no schedule "knwn" in this mesh. Did you mean "known"?'],
    [["sync", "/no/such.json"], "<file>: expected a file that can be read"],
  ])("%j", async (args, message) => {
    const client = await connect({ servers: server.url, mesh: WRONG });
    await client.schedules.put("known", { every: "1h", task: "math.add" });
    const env = { UMBEL_SERVER: server.url, UMBEL_MESH: WRONG };
    const { code, err, out } = await umbel(["schedules", ...args], { env });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err).not.toMatch(/^\s+at /m);
    expect(await client.schedules.list()).toMatchObject([{ id: "known", version: 1 }]);
    await client.close();
  });
});
