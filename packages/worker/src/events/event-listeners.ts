import { eventsOf, type EventSource, type EventTuple, type EventType, type MeshEvent } from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";

/** Hears one event. What it throws is logged. */
export type EventListener<Type extends EventType = EventType> = (
  event: Extract<MeshEvent, { readonly type: Type }>,
) => void;

/** The functions of this process that hear what a worker tells, at once and in its order. */
export class EventListeners {
  readonly #source: EventSource;
  readonly #logger: Logger;
  readonly #all = new Set<EventListener>();

  constructor(source: EventSource, logger: Logger) {
    this.#source = source;
    this.#logger = logger;
  }

  get empty(): boolean {
    return this.#all.size === 0;
  }

  /** Hear every event. Call the result to stop. */
  add(listener: EventListener): () => void {
    // Of its own, so that a function that is added twice is two listeners.
    const own: EventListener = (event) => listener(event);
    this.#all.add(own);
    return () => void this.#all.delete(own);
  }

  /** Hear the events of one type. Call the result to stop. */
  on<Type extends EventType>(type: Type, listener: EventListener<Type>): () => void {
    return this.add((event) => {
      if (isOf(event, type)) listener(event);
    });
  }

  /** Call the listeners. Never throws. */
  tell(tuple: EventTuple): void {
    for (const event of eventsOf(tuple, this.#source)) {
      for (const listener of this.#all) this.#call(listener, event);
    }
  }

  #call(listener: EventListener, event: MeshEvent): void {
    try {
      // An async listener is not waited for; what it rejects with must not end the process.
      const returned: unknown = listener(event);
      if (returned instanceof Promise) returned.catch((error: unknown) => this.#report(event, error));
    } catch (error) {
      this.#report(event, error);
    }
  }

  #report({ type }: MeshEvent, error: unknown): void {
    this.#logger.error({ type, err: error }, "a listener of events has thrown");
  }
}

function isOf<Type extends EventType>(
  event: MeshEvent,
  type: Type,
): event is Extract<MeshEvent, { readonly type: Type }> {
  return event.type === type;
}
