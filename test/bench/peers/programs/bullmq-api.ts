// What we use of bullmq.

/** Where its Redis is. */
export interface BullmqConnection {
  readonly host: string;
  readonly port: number;
  readonly maxRetriesPerRequest: null;
}

export interface BullmqJob {
  readonly data: unknown;
  waitUntilFinished(events: BullmqEvents): Promise<unknown>;
}

export interface BullmqJobOptions {
  readonly delay?: number;
}

interface Emitter {
  setMaxListeners(most: number): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
}

export interface BullmqQueue extends Emitter {
  add(name: string, data: object, options?: BullmqJobOptions): Promise<BullmqJob>;
  addBulk(jobs: readonly { readonly name: string; readonly data: object }[]): Promise<readonly BullmqJob[]>;
  close(): Promise<void>;
}

export interface BullmqEvents extends Emitter {
  close(): Promise<void>;
}

export interface BullmqWorker extends Emitter {
  close(): Promise<void>;
}

interface WorkerOptions {
  readonly connection: BullmqConnection;
  readonly concurrency: number;
  readonly useWorkerThreads?: boolean;
}

export interface Bullmq {
  readonly Queue: new (name: string, options: object) => BullmqQueue;
  readonly QueueEvents: new (name: string, options: object) => BullmqEvents;
  readonly Worker: new (
    name: string,
    processor: ((job: BullmqJob) => Promise<unknown>) | URL,
    options: WorkerOptions,
  ) => BullmqWorker;
}

/** The address of Redis, as BullMQ takes it. */
export function connectionOf(url: string): BullmqConnection {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null };
}
