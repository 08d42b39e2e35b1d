/** The numbers that the reply subject of a delivery holds, by how far from its end they are. */
const FROM_END = { waitingBehind: 0, storedAtNanos: 1, sequence: 3, count: 4 } as const;

/** One of the numbers in the reply subject of a delivery. */
export type ReplyField = keyof typeof FROM_END;

const DOTS_WITH_TRAILER = 11;

/**
 * A number of `$JS.ACK.<stream>.<consumer>.<count>.<sequence>.<consumer sequence>.<time>.<pending>`, or of the
 * newer form with a domain and an account before the stream and a random token at the end
 * (https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md). Read without splitting:
 * several are read of every delivery. 0 when there is no reply subject.
 */
export function replyNumber(reply: string | undefined, field: ReplyField): number {
  if (reply === undefined) return 0;
  const fromEnd = FROM_END[field] + (dots(reply) === DOTS_WITH_TRAILER ? 1 : 0);
  let end = reply.length;
  let start = reply.lastIndexOf(".");
  for (let index = 0; index < fromEnd && start > 0; index++) {
    end = start;
    start = reply.lastIndexOf(".", end - 1);
  }
  return Number(reply.slice(start + 1, end));
}

function dots(text: string): number {
  let count = 0;
  for (let index = text.indexOf("."); index !== -1; index = text.indexOf(".", index + 1)) count += 1;
  return count;
}
