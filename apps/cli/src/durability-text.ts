/** What an acknowledged run survives, given where it is stored. */
export function durabilityText(stream: {
  readonly storage: "file" | "memory";
  readonly replicas: number;
}): string {
  const copies = stream.replicas === 1 ? "1 copy" : `${stream.replicas} copies`;
  if (stream.storage === "memory") {
    return stream.replicas >= 3
      ? `in memory, ${copies}: survives the loss of a server, not a restart of all`
      : `in memory, ${copies}: lost when the server restarts`;
  }
  return stream.replicas >= 3
    ? `on disk, ${copies}: survives a restart and the loss of a server`
    : `on disk, ${copies}: survives a restart of the server, not its loss`;
}
