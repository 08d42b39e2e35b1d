import type { CopyFacts, inspectStreams, StreamCopies } from "@umbel/broker";
import { describe } from "@umbel/protocol";
import { durabilityText } from "../durability-text.ts";
import { counted } from "../output/counted.ts";
import { formatDuration } from "../output/time.ts";
import { checker, type Check } from "./check.ts";

/** What `inspectStreams` says of one stream. */
export type InspectedStream = Awaited<ReturnType<typeof inspectStreams>>[number];

/** Whether the streams are there, and as promises need them. Pure. */
export function checkStreams(streams: readonly InspectedStream[], mesh: string): readonly Check[] {
  const { ok, fail } = checker("streams");
  const missing = streams.filter(({ found }) => found === undefined);
  if (missing.length === streams.length) {
    return [
      fail(
        `the mesh "${mesh}" has no streams here`,
        "Start a worker, which makes them; or check --mesh and the account.",
      ),
    ];
  }
  const problems = [
    ...missing.map(({ name }) => fail(`${name} is missing`, "Restart a worker: it makes what is missing.")),
    ...streams.filter(({ differences }) => differences.length > 0).map(differingStream),
  ];
  if (problems.length > 0) return problems;
  return [ok(`${streams.map(({ name }) => name).join(", ")} are as needed`)];
}

function differingStream({ name, differences }: InspectedStream): Check {
  const list = differences.map(
    ({ setting, found, needed }) => `${setting} is ${describe(found)} and must be ${describe(needed)}`,
  );
  const stuck = differences.some(({ mutable }) => !mutable);
  return checker("streams").fail(
    `${name}: ${list.join("; ")}`,
    stuck
      ? "It cannot be changed on a stream that exists: move its messages away and delete it, or use another mesh."
      : "Restart a worker whose user may update streams: it sets this right.",
  );
}

/** What an acknowledgement of an enqueue means. Pure. */
export function checkDurability(streams: readonly InspectedStream[], clustered: boolean): readonly Check[] {
  const { ok, warn } = checker("durability");
  const found = streams.flatMap((stream) => (stream.found === undefined ? [] : [stream.found]));
  const [first, ...others] = found.toSorted((left, right) => strength(left) - strength(right));
  if (first === undefined) return [];
  const which = others.every((other) => strength(other) === strength(first)) ? "every stream" : first.name;
  const message = `${which} is ${durabilityText(first)}`;
  if (first.storage === "memory") return [warn(message, "Make the streams anew, on disk.")];
  if (clustered && first.replicas < 3) {
    return [warn(message, `The cluster could keep 3: nats stream edit ${first.name} --replicas 3`)];
  }
  return [ok(message)];
}

function strength({
  storage,
  replicas,
}: {
  readonly storage: "file" | "memory";
  readonly replicas: number;
}): number {
  return (storage === "file" ? 10 : 0) + replicas;
}

/** Whether the copies on a cluster are up and have everything. Pure. */
export function checkCopies(streams: readonly StreamCopies[]): readonly Check[] {
  const { ok, fail } = checker("copies");
  const replicated = streams.filter(({ followers, leader }) => followers.length > 0 || leader === undefined);
  const problems = replicated.flatMap(({ name, leader, followers }) =>
    leader === undefined
      ? [fail(`${name} has no leader`, "Bring a majority of its servers up.")]
      : followers.filter(({ current, offline }) => offline || !current).map((copy) => lostCopy(name, copy)),
  );
  if (problems.length > 0) return problems;
  return replicated.length === 0 ? [] : [ok("every copy is up and has everything")];
}

function lostCopy(stream: string, { server, offline, behind, silentMs }: CopyFacts): Check {
  const { warn } = checker("copies");
  const copy = `${stream}: the copy on ${server}`;
  if (!offline && behind > 0) {
    return warn(
      `${copy} is ${counted(behind, "operation", "operations")} behind`,
      "It should catch up: look again.",
    );
  }
  const gone = offline ? "is offline" : `was last heard of ${formatDuration(silentMs)} ago`;
  return warn(`${copy} ${gone}`, "Bring that server up: until then fewer losses are survived.");
}
