/** Why something failed, on one line and with the cause that Node keeps below a general message. */
export function reasonText(error: unknown): string {
  if (!(error instanceof Error)) return firstLine(String(error));
  const own = ownText(error);
  const cause = error.cause === undefined ? "" : reasonText(error.cause);
  return cause === "" || own.includes(cause) ? own : `${own}: ${cause}`;
}

function ownText(error: Error): string {
  if (error.message !== "") return firstLine(error.message);
  // A connection tried at several addresses fails with all their errors and an empty message.
  if (error instanceof AggregateError) return error.errors.map(reasonText).join(", ");
  return error.name;
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}
