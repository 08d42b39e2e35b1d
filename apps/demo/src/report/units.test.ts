import { describe, expect, it } from "vitest";
import { counted, milliseconds, seconds } from "./units.ts";

describe("units", () => {
  it("are written for people", () => {
    expect(seconds(4_949)).toBe("4.9 s");
    expect(milliseconds(2.345)).toBe("2.3 ms");
    expect(counted(1, "thread")).toBe("1 thread");
    expect(counted(200_000, "flight")).toBe("200,000 flights");
  });
});
