/** What a fault needs to be possible. */
export type FaultNeed = "process" | "proxy" | "api" | "own-servers" | "routes";

/** The name of a fault. */
export type FaultKind =
  | "worker-kill"
  | "worker-stop"
  | "worker-drain"
  | "worker-clock"
  | "producer-kill"
  | "cut"
  | "partition"
  | "half-open"
  | "latency"
  | "step-down"
  | "consumer-delete"
  | "stream-full"
  | "queue-pause"
  | "server-kill"
  | "server-restart"
  | "server-lame-duck"
  | "server-stop"
  | "server-partition";

/** What is known of a fault. */
interface FaultFacts {
  readonly about: string;
  readonly needs: FaultNeed;
  /** How long it lasts, in milliseconds. */
  readonly lastsMs: readonly [least: number, most: number];
  /** Whether another fault may begin while it lasts. */
  readonly alone: boolean;
}

/** Every fault that there is. */
export const FAULTS: Readonly<Record<FaultKind, FaultFacts>> = {
  "worker-kill": {
    about: "SIGKILL a worker, start another",
    needs: "process",
    lastsMs: [500, 3_000],
    alone: false,
  },
  "worker-stop": {
    about: "SIGSTOP a worker past its ack-wait",
    needs: "process",
    lastsMs: [3_500, 7_000],
    alone: false,
  },
  "worker-drain": {
    about: "SIGTERM a worker, start another",
    needs: "process",
    lastsMs: [500, 1_000],
    alone: false,
  },
  "worker-clock": {
    about: "a worker whose clock is wrong by up to five seconds",
    needs: "process",
    lastsMs: [500, 1_000],
    alone: false,
  },
  "producer-kill": {
    about: "SIGKILL a producer, start another",
    needs: "process",
    lastsMs: [200, 1_000],
    alone: false,
  },
  cut: { about: "all connections of a process break", needs: "proxy", lastsMs: [100, 500], alone: false },
  partition: {
    about: "a process reaches no server",
    needs: "proxy",
    lastsMs: [1_000, 8_000],
    alone: false,
  },
  "half-open": {
    about: "a process sends and hears no answer",
    needs: "proxy",
    lastsMs: [1_000, 6_000],
    alone: false,
  },
  latency: { about: "1 to 200 ms more on every way", needs: "proxy", lastsMs: [2_000, 6_000], alone: false },
  "step-down": {
    about: "the leader of a stream or a consumer steps down",
    needs: "api",
    lastsMs: [0, 0],
    alone: false,
  },
  "consumer-delete": {
    about: "a consumer is deleted under its workers",
    needs: "api",
    lastsMs: [0, 0],
    alone: false,
  },
  "stream-full": {
    about: "a stream takes no more messages",
    needs: "api",
    lastsMs: [1_000, 4_000],
    alone: true,
  },
  "queue-pause": {
    about: "a queue is paused, and resumed",
    needs: "api",
    lastsMs: [500, 4_000],
    alone: false,
  },
  "server-kill": {
    about: "SIGKILL a server, restart it",
    needs: "own-servers",
    lastsMs: [500, 6_000],
    alone: true,
  },
  "server-restart": { about: "stop and start a server", needs: "own-servers", lastsMs: [0, 0], alone: true },
  "server-lame-duck": {
    about: "a server leaves as a lame duck, and comes back",
    needs: "own-servers",
    lastsMs: [0, 0],
    alone: true,
  },
  "server-stop": {
    about: "SIGSTOP a server: its copies and its clients hear nothing of it",
    needs: "own-servers",
    lastsMs: [1_000, 8_000],
    alone: true,
  },
  "server-partition": {
    about: "a server is cut off from the other servers, and not from its clients",
    needs: "routes",
    lastsMs: [2_000, 8_000],
    alone: true,
  },
};

/** The names of all faults. */
export const FAULT_KINDS: readonly FaultKind[] = Object.keys(FAULTS).filter(isFaultKind);

/** Whether `name` is the name of a fault. */
export function isFaultKind(name: string): name is FaultKind {
  return Object.hasOwn(FAULTS, name);
}
