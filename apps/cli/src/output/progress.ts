import { formatDuration } from "./time.ts";
import type { Channel } from "./terminal.ts";

/** Something long, as people are told of it. */
export interface ProgressOptions {
  /** What happens to each: "cancelled". */
  readonly what: string;
  /** How many there are, if that is known. */
  readonly total?: number | undefined;
}

/** Tells how far something is. */
export interface Progress {
  /** So many are done by now. */
  tell(done: number): void;
  /** Nothing more will be told. */
  end(): void;
}

const EVERY_MS = 100;

/** Tells people, on one line that is written again and again, how far something is. Programs are told nothing. */
export function createProgress(channel: Channel, options: ProgressOptions): Progress {
  const startedAt = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  let open = false;
  return {
    tell: (done) => {
      const now = performance.now();
      if (!channel.interactive || now - toldAt < EVERY_MS) return;
      toldAt = now;
      open = true;
      const text = progressText({ ...options, done, elapsedMs: now - startedAt });
      channel.write(`\r\u001B[K${channel.paint("quiet", text.slice(0, (channel.columns ?? 80) - 1))}`);
    },
    end: () => {
      if (open) channel.write("\r\u001B[K");
      open = false;
    },
  };
}

const BAR_WIDTH = 24;

/** How far something is, on one line: a bar with what is left, if there is a total. Pure. */
export function progressText({
  done,
  total,
  what,
  elapsedMs,
}: ProgressOptions & { readonly done: number; readonly elapsedMs: number }): string {
  const perSecond = elapsedMs > 0 ? Math.round((done / elapsedMs) * 1_000) : 0;
  if (total === undefined || total === 0) return `${done} ${what}, ${perSecond}/s …`;
  // More may come while it lasts.
  const share = Math.min(1, done / total);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled);
  const left = done === 0 ? "" : `, ${formatDuration(elapsedMs * (1 / share - 1))} left`;
  return `[${bar}] ${Math.floor(share * 100)} %  ${done} of ${total} ${what}, ${perSecond}/s${left}`;
}
