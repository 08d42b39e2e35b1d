import { describe, expect, test } from "vitest";
import { RateLimits } from "./rate-limits.ts";

const limited = (intervalMs: number): RateLimits => {
  const rates = new RateLimits();
  rates.set("mail", { rate: "?", intervalMs });
  return rates;
};

describe("rate limits", () => {
  test("hold nothing back where there is none", () => {
    const rates = new RateLimits();
    expect(rates.active).toBe(false);
    rates.set("mail", { rate: "5/s", intervalMs: 200 });
    expect([rates.active, rates.rateOf("mail")]).toEqual([true, "5/s"]);
    expect(rates.take("other", 0, 0)).toEqual({ action: "begin" });
    rates.set("mail", undefined);
    expect(rates.active).toBe(false);
  });

  test("space starts evenly: the next few wait their turn, the rest comes back for one", () => {
    const rates = limited(200);
    const turns = Array.from({ length: 6 }, () => rates.take("mail", 1_000, 0));
    expect(turns).toEqual([
      { action: "begin" },
      { action: "hold", waitMs: 200 },
      { action: "hold", waitMs: 400 },
      { action: "return", delayMs: 600 },
      { action: "return", delayMs: 800 },
      { action: "return", delayMs: 1_000 },
    ]);
    expect(rates.take("mail", 1_600, 0)).toEqual({ action: "begin" });
  });

  test("allow no burst after a pause", () => {
    const rates = limited(200);
    rates.take("mail", 0, 0);
    expect(rates.take("mail", 60_000, 0)).toEqual({ action: "begin" });
    expect(rates.take("mail", 60_000, 0)).toEqual({ action: "hold", waitMs: 200 });
  });

  test("spread what would have to wait too long, and have it back before that", () => {
    const rates = limited(20_000);
    rates.take("mail", 0, 0);
    expect(rates.take("mail", 0, 0)).toEqual({ action: "return", delayMs: 20_000 });
    expect(rates.take("mail", 0, 0)).toEqual({ action: "return", delayMs: 15_000 });
    expect(rates.take("mail", 0, 1)).toEqual({ action: "return", delayMs: 30_000 });
  });
});
