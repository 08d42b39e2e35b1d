/**
 * How many of `rows` each part gets that wants so many, the first ones first: one after another gets one more, until
 * nobody wants more or nothing is left. Pure.
 */
export function allot(rows: number, wants: readonly number[]): readonly number[] {
  const given = wants.map(() => 0);
  let left = rows;
  for (let before = left + 1; left > 0 && left < before;) {
    before = left;
    for (const [part, want] of wants.entries()) {
      if (left === 0 || (given[part] ?? 0) >= want) continue;
      given[part] = (given[part] ?? 0) + 1;
      left -= 1;
    }
  }
  return given;
}
