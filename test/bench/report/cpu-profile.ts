import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** A CPU profile as node writes it. */
export type CpuProfile = z.infer<typeof profileSchema>;

/** A function, and its own part of the time in which the process did something. */
export interface HotFunction {
  readonly name: string;
  readonly part: number;
}

/** The functions that take the most time themselves, the worst first. Idle time does not count. Pure. */
export function hottest({ nodes, samples, timeDeltas }: CpuProfile, most: number): readonly HotFunction[] {
  const names = new Map(nodes.map((node) => [node.id, nameOf(node.callFrame)]));
  const times = new Map<string, number>();
  let total = 0;
  for (const [place, id] of samples.entries()) {
    const name = names.get(id) ?? "?";
    if (name === "(idle)") continue;
    const time = timeDeltas[place] ?? 0;
    times.set(name, (times.get(name) ?? 0) + time);
    total += time;
  }
  return [...times]
    .map(([name, time]) => ({ name, part: time / total }))
    .toSorted((left, right) => right.part - left.part)
    .slice(0, most);
}

/** The hottest functions of every profile below `folder`, for people. */
export async function formatProfiles(folder: string, most: number): Promise<string> {
  const entries = await readdir(folder, { recursive: true });
  const files = entries.filter((entry) => entry.endsWith(".cpuprofile")).toSorted();
  const parts = await Promise.all(files.map((file) => formatProfile(join(folder, file), most)));
  return parts.join("\n");
}

async function formatProfile(file: string, most: number): Promise<string> {
  const profile = profileSchema.parse(JSON.parse(await readFile(file, "utf8")));
  const lines = hottest(profile, most).map(
    ({ name, part }) => `${(part * 100).toFixed(1).padStart(5)} %  ${name}`,
  );
  return [`${basename(dirname(file))} ${basename(file)}`, ...lines, ""].join("\n");
}

function nameOf({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  if (url === "") return name;
  const file = url.split("/").slice(-2).join("/");
  return `${name} ${file}:${lineNumber + 1}`;
}
