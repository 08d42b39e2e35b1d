import type { CompletionResult, DirectBatchOptions, StoredMsg } from "@nats-io/jetstream";
import { decodeEventBatch, eventSubjects, UmbelError, type EventBatch } from "@umbel/protocol";
import { sleep, withDeadline } from "@umbel/runtime";
import type { BrokerConnection, ConnectionEvent } from "./connection.ts";
import { translateError } from "./translate-error.ts";

/** Which events are read. */
export interface ReadEventsOptions {
  /** From the first that was stored then. @default only those stored from now on */
  readonly since?: Date;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

const PAGE_MESSAGES = 64;
const PAGE_BYTES = 4_194_304;
const PAGE_PATIENCE_MS = 10_000;
/** Without a hint that something was told, it is looked for this often. */
const IDLE_MS = 1_000;
/** On a cluster a message is heard of before every copy has it. */
const SETTLE_MS = 20;
const RETRY_MS = 250;

/**
 * The batches of events of a mesh in the order in which they were stored, then those that come, until the signal
 * aborts. It keeps its own place in the stream, so a broker that is away or restarts leaves no gap. A message that
 * is no batch of events is left out.
 *
 * @throws UmbelError `not_provisioned`, `permission_denied`, `connection_closed`: whatever time does not cure.
 */
export async function* readEvents(
  connection: BrokerConnection,
  options: ReadEventsOptions,
): AsyncGenerator<EventBatch, void, undefined> {
  const { signal } = options;
  using bell = new Bell(connection, signal);
  let place: DirectBatchOptions | undefined =
    options.since === undefined ? undefined : { start_time: options.since };
  while (!signal.aborted) {
    try {
      place ??= { seq: await nextSequence(connection) };
      const messages = await readPage(connection, place, bell);
      const last = messages.at(-1);
      if (last === undefined) await bell.rung();
      else place = { seq: last.seq + 1 };
      yield* readable(messages);
    } catch (error) {
      if (!passes(error)) throw error;
      await sleep(RETRY_MS, signal);
      place = await placeAfterOutage(connection, place);
    }
  }
}

async function nextSequence(connection: BrokerConnection): Promise<number> {
  return (await streamState(connection)).last + 1;
}

// A server that came back without its data counts from the beginning again.
async function placeAfterOutage(
  connection: BrokerConnection,
  place: DirectBatchOptions | undefined,
): Promise<DirectBatchOptions | undefined> {
  if (place?.seq === undefined) return place;
  try {
    const { last } = await streamState(connection);
    return place.seq > last + 1 ? { seq: 1 } : place;
  } catch (error) {
    if (passes(error)) return place;
    throw error;
  }
}

async function streamState({ manager, streams }: BrokerConnection): Promise<{ readonly last: number }> {
  try {
    const { state } = await manager.streams.info(streams.events);
    return { last: state.last_seq };
  } catch (error) {
    throw translateError(error, "reading the events");
  }
}

// What has come when the answer breaks off is in order, and counts.
async function readPage(
  { manager, streams }: BrokerConnection,
  place: DirectBatchOptions,
  bell: Bell,
): Promise<readonly StoredMsg[]> {
  const messages: StoredMsg[] = [];
  const ended = Promise.withResolvers<void>();
  // The library's iterator would leave its subscription behind.
  const callback = (done: CompletionResult | null, message: StoredMsg): void => {
    if (done === null) messages.push(message);
    else if (done.err === undefined || messages.length > 0) ended.resolve();
    else ended.reject(translateError(done.err, "reading the events"));
  };
  bell.onRefused = ended.reject;
  const query = { ...place, batch: PAGE_MESSAGES, max_bytes: PAGE_BYTES, next_by_subj: ">", callback };
  try {
    const page = await manager.direct.getBatch(streams.events, query);
    await withDeadline(ended.promise, PAGE_PATIENCE_MS);
    page.stop();
    return messages;
  } catch (error) {
    throw translateError(error, "reading the events");
  } finally {
    bell.onRefused = undefined;
  }
}

function readable(messages: readonly StoredMsg[]): readonly EventBatch[] {
  return messages.flatMap(({ data }) => {
    try {
      return decodeEventBatch(data) ?? [];
    } catch (error) {
      if (UmbelError.is(error, "undecodable")) return [];
      throw error;
    }
  });
}

function passes(error: unknown): boolean {
  return UmbelError.is(error, "broker_unavailable") || UmbelError.is(error, "broker_error");
}

/** Rings when some process tells events, and now and then without that; tells when this user may not hear or read. */
class Bell implements Disposable {
  /** Hears of a refusal while a page is read: the server gives no answer then. */
  onRefused: ((error: UmbelError) => void) | undefined;
  readonly #signal: AbortSignal;
  readonly #stop: readonly (() => void)[];
  #refusal: UmbelError | undefined;
  #waiting: AbortController | undefined;
  #rung = false;

  constructor(connection: BrokerConnection, signal: AbortSignal) {
    this.#signal = signal;
    const { mesh, streams } = connection;
    const subjects = new Set([eventSubjects(mesh), `$JS.API.DIRECT.GET.${streams.events}`]);
    const onEvent = (event: ConnectionEvent): void => {
      if (event.type !== "refused" || !subjects.has(String(event.error.details["subject"]))) return;
      this.#refusal = event.error;
      this.onRefused?.(event.error);
      this.#ring();
    };
    this.#stop = [connection.onEvent(onEvent), connection.subscribe(eventSubjects(mesh), this.#ring)];
    signal.addEventListener("abort", this.#ring, { once: true });
  }

  /** @throws UmbelError when the server has refused the subscription or the reading. */
  async rung(): Promise<void> {
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#rung) await sleep(SETTLE_MS, this.#signal);
    else {
      this.#waiting = new AbortController();
      await sleep(IDLE_MS, this.#waiting.signal);
      this.#waiting = undefined;
    }
    this.#rung = false;
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stop) stop();
    this.#signal.removeEventListener("abort", this.#ring);
  }

  readonly #ring = (): void => {
    this.#rung = true;
    this.#waiting?.abort();
  };
}
