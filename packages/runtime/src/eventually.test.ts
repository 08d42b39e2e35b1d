import { describe, expect, test } from "vitest";
import { eventually } from "./eventually.ts";

const often = { everyMs: 1 };
const briefly = { everyMs: 1, timeoutMs: 20 };

describe("eventually", () => {
  test("gives the first value that is neither undefined nor false", async () => {
    const values = [undefined, false, undefined, "found", "later"];
    expect(await eventually("a value", () => values.shift(), often)).toBe("found");
    expect(values).toEqual(["later"]);
  });

  test.each([0, "", null, Number.NaN])("takes %j for a value", async (value) => {
    expect(await eventually("a value", () => value)).toBe(value);
  });

  test("waits for probes that are asynchronous, and goes on after those that fail", async () => {
    let tries = 0;
    const probe = async (): Promise<number> => {
      tries += 1;
      if (tries < 4) throw new Error(`not at try ${tries}`);
      return tries;
    };
    expect(await eventually("the fourth try", probe, often)).toBe(4);
  });

  test("says what was not seen, and how long it waited", async () => {
    const waiting = eventually("a run that succeeds", () => false, briefly);
    await expect(waiting).rejects.toThrow("not seen within 20 ms: a run that succeeds");
  });

  test("carries what the last probe threw as the cause", async () => {
    const cause = new Error("connection refused");
    const probe = (): never => {
      throw cause;
    };
    await expect(eventually("a connection", probe, briefly)).rejects.toHaveProperty("cause", cause);
    await expect(eventually("a value", () => undefined, briefly)).rejects.toHaveProperty("cause", undefined);
  });

  test("gives up on a probe that hangs", async () => {
    const hanging = eventually("an answer", () => new Promise<string>(() => undefined), briefly);
    await expect(hanging).rejects.toThrow("not seen within 20 ms: an answer");
  });

  test("tries at least once, however short its time", async () => {
    let tries = 0;
    const probe = (): false => {
      tries += 1;
      return false;
    };
    await expect(eventually("anything", probe, { timeoutMs: 0 })).rejects.toThrow("not seen within 0 ms");
    expect(tries).toBe(1);
  });
});
