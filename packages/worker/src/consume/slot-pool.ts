import { Lookahead } from "./lookahead.ts";

/** Something that occupies a slot until it is done, or is given up before it began. */
export interface SlotUser {
  /** Begin. The slot is free again when {@link SlotPool.release} is called. */
  begin(): void;
  /** It has waited for a slot too long: let another worker have it. */
  giveUp(): void;
  /** The run that it is, if it is one. */
  readonly run?: WaitingRun;
}

/** What is known of a run that waits for a slot. */
export interface WaitingRun {
  readonly runId: string;
  readonly queue: string;
  readonly meta: { readonly task: string };
}

interface Waiting {
  readonly user: SlotUser;
  readonly since: number;
}

/** How long a run may wait here for a slot: a handler has turned out slow, so others should have it. */
const LONGEST_WAIT_MS = 100;

/** A number of slots, and the few runs that wait for one because handlers are quick. */
export class SlotPool {
  #size: number;
  readonly #lookahead: Lookahead;
  /** Those before the first have begun, and are not kept. */
  #waiting: (Waiting | undefined)[] = [];
  #first = 0;
  #busy = 0;
  /** How many may wait: what the lookahead was when more was last asked for. */
  #granted = 0;
  #releases = 0;
  #releasesAtSweep = 0;

  constructor(size: number) {
    this.#size = size;
    this.#lookahead = new Lookahead(size);
  }

  get size(): number {
    return this.#size;
  }

  get busy(): number {
    return this.#busy;
  }

  get waiting(): number {
    return this.#waiting.length - this.#first;
  }

  /** The runs that wait, the first to begin first. */
  get waitingRuns(): readonly WaitingRun[] {
    return this.#waiting.slice(this.#first).flatMap((waiting) => waiting?.user.run ?? []);
  }

  /** How many more users are worth asking for now. Zero while plenty wait, so that asking is done in lots. */
  get wanted(): number {
    const lookahead = this.#lookahead.size;
    const room = this.#size + lookahead - this.#busy - this.waiting;
    if (room <= 0 || room * 2 < lookahead) return 0;
    this.#granted = lookahead;
    return room;
  }

  /** How many runs could begin within `ms` from now on, if nothing else came: more are of no use here. */
  couldBeginWithin(ms: number): number {
    return this.size + this.#lookahead.within(ms);
  }

  /** Give `user` a slot, now or as soon as one is free; `false` when there is neither a slot nor room to wait. */
  offer(user: SlotUser, now: number): boolean {
    if (this.#busy < this.#size) {
      this.#busy += 1;
      user.begin();
      return true;
    }
    // What was asked for is taken, even if handlers have slowed down since: sweep() gives back what waits too long.
    if (this.waiting >= this.#granted) return false;
    this.#waiting.push({ user, since: now });
    return true;
  }

  /** A slot became free after its user took `durationMs`: the next one begins. */
  release(durationMs: number): void {
    this.#lookahead.observe(durationMs);
    this.#releases += 1;
    const next = this.#waiting[this.#first];
    if (next === undefined || this.#busy > this.#size) {
      this.#busy -= 1;
      return;
    }
    this.#shift();
    next.user.begin();
  }

  /** Have as many slots from now on. Those that are too many go as their users end; those that wait begin. */
  resize(size: number): void {
    this.#size = size;
    this.#lookahead.resize(size);
    for (let next = this.#waiting[this.#first]; next !== undefined && this.#busy < size;) {
      this.#busy += 1;
      this.#shift();
      next.user.begin();
      next = this.#waiting[this.#first];
    }
  }

  /**
   * Give up those that have waited too long, unless slots have become free since the last sweep: after a pause
   * of the whole process everything seems to have waited. Call it now and then.
   */
  sweep(now: number): void {
    const stalled = this.#releases === this.#releasesAtSweep;
    this.#releasesAtSweep = this.#releases;
    const oldest = this.#waiting[this.#first];
    if (!stalled || oldest === undefined || now - oldest.since <= LONGEST_WAIT_MS) return;
    this.#lookahead.distrust();
    this.giveUpWaiting();
  }

  /** Give up all that wait. */
  giveUpWaiting(): void {
    const waiting = this.#waiting.slice(this.#first);
    this.#waiting = [];
    this.#first = 0;
    for (const each of waiting) each?.user.giveUp();
  }

  #shift(): void {
    this.#waiting[this.#first] = undefined;
    this.#first += 1;
    if (this.#first > 512 && this.#first * 2 > this.#waiting.length) this.#compact();
  }

  #compact(): void {
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }
}
