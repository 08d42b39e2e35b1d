const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;
const STEP = 1_024;

/** A size for people: `"512 bytes"`, `"8 MB"`, `"1.5 GB"`. Steps of 1024, as nats-server counts. */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= STEP && unit < UNITS.length - 1) {
    amount /= STEP;
    unit += 1;
  }
  return `${Math.round(amount * 10) / 10} ${UNITS[unit] ?? ""}`;
}
