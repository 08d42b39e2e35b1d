// What we use of pg-boss.

export interface PgBossJob {
  readonly id: string;
  readonly data: unknown;
}

interface JobResult {
  readonly id: string;
  readonly status: "completed";
  readonly output: object;
}

interface WorkOptions {
  readonly batchSize: number;
  readonly pollingIntervalSeconds: number;
  readonly burstWhenBatchFull: boolean;
  readonly perJobResults: true;
}

export interface PgBossClient {
  on(event: "error" | "warning", listener: (error: unknown) => void): unknown;
  start(): Promise<unknown>;
  stop(options: { readonly graceful: boolean }): Promise<void>;
  createQueue(name: string, options: object): Promise<void>;
  send(name: string, data: object, options?: object): Promise<string | null>;
  insert(name: string, jobs: readonly { readonly data: object }[]): Promise<unknown>;
  findJobs(
    name: string,
    options: object,
  ): Promise<readonly { readonly state: string; readonly output: unknown }[]>;
  work(
    name: string,
    options: WorkOptions,
    handler: (jobs: readonly PgBossJob[]) => Promise<readonly JobResult[]>,
  ): Promise<string>;
  offWork(name: string): Promise<void>;
}

export interface PgBossModule {
  readonly PgBoss: new (options: object) => PgBossClient;
}
