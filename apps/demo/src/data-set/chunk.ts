/** What every record of the data sets has. Delay on arrival in minutes (early is negative), distance in miles. */
export interface Flight {
  readonly delay: number;
  readonly distance: number;
}

/** The flights that belong together, as two columns: the input of one computing run. */
export interface Chunk {
  /** A departure time, an airport or a day. */
  readonly key: string;
  readonly delays: readonly number[];
  readonly distances: readonly number[];
}

/** `flights` by `keyOf`, in the order of the keys. */
export function groupFlights<Item extends Flight>(
  flights: readonly Item[],
  keyOf: (flight: Item) => string,
): readonly Chunk[] {
  const columns = new Map<string, { delays: number[]; distances: number[] }>();
  for (const flight of flights) {
    const key = keyOf(flight);
    const column = columns.get(key) ?? { delays: [], distances: [] };
    columns.set(key, column);
    column.delays.push(flight.delay);
    column.distances.push(flight.distance);
  }
  return [...columns]
    .map(([key, { delays, distances }]) => ({ key, delays, distances }))
    .sort((one, other) => (one.key < other.key ? -1 : 1));
}
