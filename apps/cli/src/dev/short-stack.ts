/** Where `error` comes from, without what Node and this package do in between. */
export function shortStack({ stack = "" }: Error): string {
  const lines = stack.split("\n").filter((line) => !NOT_THEIRS.test(line));
  return lines.join("\n");
}

const NOT_THEIRS = /^\s+at .*(?:node:|\/(?:report-imports|handler-registry)\.[jt]s:)/;
