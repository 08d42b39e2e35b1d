// Ten chains of ten objects within each other, under names as long as UUIDs: what bullmq-bench sends by default.
const WIDTH = 10;
const DEPTH = 10;

/** About 4 kB of JSON, the same in every process. */
export const sampleData: unknown = Object.fromEntries(
  Array.from({ length: WIDTH }, (_, place) => [nameOf(place, 0), chain(place, 1)]),
);

function chain(place: number, depth: number): unknown {
  return depth === DEPTH ? {} : { [nameOf(place, depth)]: chain(place, depth + 1) };
}

function nameOf(place: number, depth: number): string {
  return `00000000-0000-4000-8000-${String(place * DEPTH + depth).padStart(12, "0")}`;
}
