import { describe, expect, it } from "vitest";
import { groupFlights } from "./chunk.ts";

describe("groupFlights", () => {
  const flights = [
    { delay: 5, distance: 100, origin: "SFO" },
    { delay: -3, distance: 200, origin: "JFK" },
    { delay: 7, distance: 300, origin: "SFO" },
  ];

  it("puts every flight into the chunk of its key, in the order of the keys", () => {
    expect(groupFlights(flights, ({ origin }) => origin)).toEqual([
      { key: "JFK", delays: [-3], distances: [200] },
      { key: "SFO", delays: [5, 7], distances: [100, 300] },
    ]);
  });

  it("makes no chunk of no flights", () => {
    expect(groupFlights([], () => "")).toEqual([]);
  });
});
