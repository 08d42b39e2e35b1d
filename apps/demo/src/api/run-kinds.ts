import type { Mesh, RunHandle, Task } from "@umbel/client";
import type { AnalysisInput } from "../analysis/analyse.ts";
import type { Chunk } from "../data-set/chunk.ts";
import type { DataSet } from "../data-set/data-set.ts";
import { dayReport } from "../mail/day-report.ts";
import { analyseAirport, analyseDeparture, analyseInline, flaky, poison, sendMail } from "../tasks.ts";

/** Samples for each analysis: some 30 ms of work for a usual chunk. */
const DEPARTURE_ROUNDS = 1_500;
const AIRPORT_ROUNDS = 8_000;

/** How many runs of each task misbehave on purpose. */
const FLAKY_RUNS = 12;
const POISON_RUNS = 2;

/** What can be enqueued over the API: a task, with an input for each of its keys. */
export interface RunKind {
  readonly name: string;
  readonly keys: ReadonlySet<string>;
  /** Enqueue one run for each of `keys`, which must be known. */
  enqueue(mesh: Mesh, keys: readonly string[]): Promise<readonly RunHandle<unknown>[]>;
}

/** Everything that can be enqueued, by its name. */
export function runKinds(data: DataSet): ReadonlyMap<string, RunKind> {
  const kinds = [
    runKind("departure", analyseDeparture, analyses(data.departures, DEPARTURE_ROUNDS)),
    runKind("inline", analyseInline, analyses(data.departures, DEPARTURE_ROUNDS)),
    runKind("airport", analyseAirport, analyses(data.airports, AIRPORT_ROUNDS)),
    runKind("day", sendMail, new Map(data.days.map((day) => [day.key, dayReport(day)]))),
    runKind("flaky", flaky, named("flaky", FLAKY_RUNS)),
    runKind("poison", poison, named("poison", POISON_RUNS)),
  ];
  return new Map(kinds.map((kind) => [kind.name, kind]));
}

/** The input of the analysis of each departure time: what the threads without a mesh are given too. */
export function departureInputs(data: DataSet): readonly AnalysisInput[] {
  return [...analyses(data.departures, DEPARTURE_ROUNDS).values()];
}

function runKind<Input, Output>(
  name: string,
  task: Task<Input, Output>,
  inputs: ReadonlyMap<string, Input>,
): RunKind {
  return {
    name,
    keys: new Set(inputs.keys()),
    enqueue: (mesh, keys) =>
      mesh.enqueueMany(
        task,
        keys.flatMap((key) => {
          const input = inputs.get(key);
          return input === undefined ? [] : [input];
        }),
      ),
  };
}

function analyses(chunks: readonly Chunk[], rounds: number): ReadonlyMap<string, AnalysisInput> {
  return new Map(chunks.map((chunk) => [chunk.key, { ...chunk, rounds }]));
}

function named(prefix: string, count: number): ReadonlyMap<string, { readonly name: string }> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
  return new Map(names.map((name) => [name, { name }]));
}
