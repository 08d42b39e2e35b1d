// What we use of graphile-worker.

interface JobOptions {
  readonly runAt?: Date;
}

export interface GraphileUtils {
  migrate(): Promise<void>;
  addJob(task: string, payload: object, options?: JobOptions): Promise<unknown>;
  addJobs(jobs: readonly { readonly identifier: string; readonly payload: object }[]): Promise<unknown>;
  release(): Promise<void>;
}

export interface GraphileRunner {
  stop(): Promise<void>;
}

export interface Graphile {
  readonly Logger: new (factory: () => () => void) => object;
  makeWorkerUtils(options: object): Promise<GraphileUtils>;
  run(options: object): Promise<GraphileRunner>;
}

/** Its own logger writes a line for each job. */
export function silent({ Logger }: Graphile): object {
  return new Logger(() => () => undefined);
}
