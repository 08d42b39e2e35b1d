import { createInbox, type Msg, type NatsConnection } from "@nats-io/transport-node";

/** What is pulled from, and how much is asked for at a time. */
export interface LeanPullOptions {
  readonly stream: string;
  readonly consumer: string;
  readonly batch: number;
}

const EXPIRES_NANOS = 30_000_000_000;

/** Pull from a consumer with as little as that takes: a batch is kept outstanding. Call the result to stop. */
export function pullLean(
  nats: NatsConnection,
  { stream, consumer, batch }: LeanPullOptions,
  onMessage: (message: Msg) => void,
): () => void {
  const inbox = createInbox();
  const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
  let outstanding = 0;
  const request = (): void => {
    const more = batch - outstanding;
    outstanding = batch;
    nats.publish(subject, JSON.stringify({ batch: more, expires: EXPIRES_NANOS }), { reply: inbox });
  };
  const subscription = nats.subscribe(inbox, {
    callback: (_error, message) => {
      const isStatus = message.reply === undefined || message.reply === "";
      outstanding -= isStatus ? Number(message.headers?.get("Nats-Pending-Messages") ?? 0) : 1;
      if (!isStatus) onMessage(message);
      if (outstanding <= batch / 2) request();
    },
  });
  request();
  return () => subscription.unsubscribe();
}
