/** A number with the words that go with it: `counted(1, "run waits", "runs wait")`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
