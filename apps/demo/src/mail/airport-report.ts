import type { Analysis } from "../analysis/analyse.ts";
import type { Mail } from "../tasks.ts";

/** The mail about one airport. Pure. */
export function airportReport({ key, mean, low, high, moments }: Analysis): Mail {
  return {
    subject: `Delays from ${key}`,
    text:
      `${moments.count} flights from ${key}: ${minutes(mean)} late on average ` +
      `(95 % between ${minutes(low)} and ${minutes(high)}).`,
  };
}

function minutes(value: number): string {
  return `${value.toFixed(1)} min`;
}
