import { describe, expect, it } from "vitest";
import { parseOptions } from "./demo-options.ts";

describe("parseOptions", () => {
  it("runs everything once, for a person, when nothing is said", () => {
    expect(parseOptions([])).toEqual({ json: false, keep: false, share: "full" });
  });

  it("knows its switches", () => {
    expect(parseOptions(["--json", "--keep", "--quick"])).toEqual({ json: true, keep: true, share: "quick" });
  });

  it.each([["--fast"], ["now"]])("refuses %s with the usage", (argument) => {
    expect(() => parseOptions([argument])).toThrow(/npm run demo/);
  });
});
