import { createInbox, type Msg } from "@nats-io/transport-node";
import { every } from "@umbel/runtime";
import type { BrokerConnection } from "./connection.ts";
import { Delivery, type PullSource } from "./delivery.ts";
import { nextSharedStep, PriorityShares, type PriorityWeights } from "./priority-shares.ts";
import { releasePatiently } from "./release-lane.ts";
import { LaneDelivery } from "./lane-delivery.ts";
import {
  ANSWER_GRACE_MS,
  byPriority,
  isAsked,
  isDeaf,
  isOverdue,
  nextStep,
  PAUSE_MS,
  rotate,
  stateOf,
  type PullRequest,
  type SourceState,
} from "./pull-requests.ts";

/** What a {@link CreditPuller} needs from its worker. */
export interface PullerHooks {
  /** How many more runs of `source` it would take now. Asked often; must be cheap. */
  readonly wanted: (source: PullSource) => number;
  /** Take the delivery, or say `false`: then it is handed back at once. */
  accept(delivery: Delivery): boolean;
  /** The consumer of `source` does not answer, or is gone: make sure that it exists. */
  repair(source: PullSource): Promise<void>;
  /** How priorities share what is wanted. @default strictly the most urgent first */
  readonly weights?: PriorityWeights | undefined;
}

const NONE: PullRequest = { kind: "none" };
const SWEEP_MS = 250;

/**
 * Pulls runs by credit: never more than its worker wants, by priority, nothing buffered here. Many
 * workers may pull from the same queues.
 *
 * The library's `consume()` prefetches a hundred messages whose ack-wait runs while they wait, and stays
 * silent for 44 s after its consumer's leader has crashed; this one asks anew every two seconds.
 */
export class CreditPuller {
  readonly #connection: BrokerConnection;
  readonly #hooks: PullerHooks;
  readonly #states: SourceState[] = [];
  readonly #shares: PriorityShares | undefined;
  readonly #inboxes = new Map<SourceState, { subject: string; close: () => void }>();
  readonly #stops: (() => void)[];
  /** Sources that are asked no more, until what was asked of them is answered. */
  readonly #leaving = new Map<SourceState, PromiseWithResolvers<void>>();
  readonly #wanted: PullerHooks["wanted"];
  #stopping = false;
  #idle = Promise.withResolvers<void>();
  #lastAnswerAt = performance.now();
  #sweptAt = performance.now();

  constructor(connection: BrokerConnection, sources: readonly PullSource[], hooks: PullerHooks) {
    this.#connection = connection;
    this.#hooks = hooks;
    this.#wanted = (source) => (this.#leaving.size > 0 && this.#leaves(source) ? 0 : hooks.wanted(source));
    this.#shares = hooks.weights === undefined ? undefined : new PriorityShares(hooks.weights);
    this.#include(sources);
    this.#stops = [
      connection.onEvent((event) => event.type === "reconnected" && this.#forgetRequests()),
      every(SWEEP_MS, () => this.#sweep()),
    ];
    queueMicrotask(() => this.kick());
  }

  /** Whether the broker has stopped answering although the connection is up. */
  get deaf(): boolean {
    return this.#connection.connected && this.#states.some(isDeaf);
  }

  /** Milliseconds since the broker last answered any request, with a run or without. */
  get silentForMs(): number {
    return performance.now() - this.#lastAnswerAt;
  }

  /** Ask for more, if more is wanted. Call it whenever a slot became free. */
  kick(): void {
    while (!this.#stopping && this.#connection.connected) {
      const step =
        this.#shares === undefined
          ? nextStep(this.#states, this.#wanted)
          : nextSharedStep(this.#states, this.#wanted, this.#shares);
      if (step.action === "wait") return;
      if (step.action === "scan") this.#scan(step.state, step.wanted);
      else this.#poll(step.state, step.wanted, step.expiresMs);
    }
  }

  /** Pull from `sources` too. Those that it pulls from already are left as they are. */
  add(sources: readonly PullSource[]): void {
    if (this.#stopping) return;
    this.#include(sources);
    this.kick();
  }

  /** Pull from `queue` no more. Resolves when none of its runs can arrive any more: as {@link stop} for one queue. */
  async remove(queue: string): Promise<void> {
    for (const state of this.#states) {
      if (state.source.queue === queue && !this.#leaving.has(state))
        this.#leaving.set(state, Promise.withResolvers<void>());
    }
    const left = [...this.#leaving].filter(([{ source }]) => source.queue === queue);
    this.#settleIdle();
    await Promise.all(left.map(([, { promise }]) => promise));
  }

  /**
   * Pull no more. Resolves when no run can arrive any more: outstanding requests are left to expire, because
   * unsubscribing under arrivals strands runs until their ack-wait (measured: one in ten).
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#settleIdle();
    await this.#idle.promise;
    for (const stop of this.#stops.splice(0)) stop();
    for (const { close } of this.#inboxes.values()) close();
    this.#inboxes.clear();
    for (const { resolve } of this.#leaving.values()) resolve();
  }

  #include(sources: readonly PullSource[]): void {
    const known = new Set<string>();
    for (const state of this.#states) if (!this.#leaving.has(state)) known.add(state.source.consumer);
    const added = sources.filter(({ consumer }) => !known.has(consumer)).map(stateOf);
    this.#states.splice(0, this.#states.length, ...byPriority([...this.#states, ...added]));
    for (const state of added) this.#open(state);
  }

  #open(state: SourceState): void {
    const subject = createInbox(this.#connection.inboxPrefix);
    const close = this.#connection.subscribe(subject, (message) => this.#onMessage(state, message));
    this.#inboxes.set(state, { subject, close });
  }

  #scan(state: SourceState, wanted: number): void {
    this.#request(state, `{"batch":${wanted},"no_wait":true}`);
    state.request = { kind: "scan", remaining: wanted, deadline: performance.now() };
    rotate(this.#states, state);
  }

  #poll(state: SourceState, wanted: number, expiresMs: number): void {
    this.#request(state, `{"batch":${wanted},"expires":${expiresMs}000000}`);
    state.request = { kind: "poll", remaining: wanted, deadline: performance.now() + expiresMs };
    state.empty = false;
    // Lanes take turns with each other, and with what else has their rank.
    if (state.source.lane !== undefined) rotate(this.#states, state);
  }

  #request(state: SourceState, body: string): void {
    const reply = this.#inboxes.get(state)?.subject;
    if (reply === undefined) return;
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.#connection.streams.tasks}.${state.source.consumer}`;
    this.#connection.outgoing.send({ subject, body: Buffer.from(body), reply });
  }

  #onMessage(state: SourceState, message: Msg): void {
    this.#lastAnswerAt = performance.now();
    state.unanswered = 0;
    if (message.reply === undefined || message.reply === "")
      this.#onStatus(state, message.headers?.code ?? 0);
    else if (state.source.lane === undefined)
      this.#onDelivery(state, new Delivery(message, state.source, this.#connection.outgoing));
    else this.#onLaneDelivery(state, new LaneDelivery(message, state.source, this.#connection.outgoing));
    this.#settleIdle();
    this.kick();
  }

  #onDelivery(state: SourceState, delivery: Delivery): void {
    const { request } = state;
    state.refused = 0;
    this.#shares?.charge(state.source.priority);
    if ((request.kind === "scan" || request.kind === "poll") && request.remaining > 1) {
      state.request = { ...request, remaining: request.remaining - 1 };
    } else if (request.kind !== "pause") {
      state.request = NONE;
      state.empty = delivery.waitingBehind === 0;
    }
    if (this.#stopping || this.#leaving.has(state) || !this.#hooks.accept(delivery)) delivery.handBack();
  }

  #onLaneDelivery(state: SourceState, delivery: LaneDelivery): void {
    state.refused = 0;
    if (state.request.kind !== "pause") state.request = NONE;
    state.held = delivery;
    const accepted = !this.#stopping && !this.#leaving.has(state) && this.#hooks.accept(delivery);
    // What was given back for want of room gets the next room in its turn.
    state.hungry = !accepted || delivery.waitingBehind > 0;
    if (accepted) delivery.whenSettled(() => this.kick());
    else delivery.handBack();
  }

  #onStatus(state: SourceState, code: number): void {
    if (code === 404) {
      state.request = NONE;
      state.empty = true;
    } else if (code === 408) {
      state.request = NONE;
      // Ask outright from time to time: what a lost poll hid is found.
      state.empty = false;
      state.hungry = false;
    } else {
      state.request = { kind: "pause", until: performance.now() + PAUSE_MS };
      state.refused += 1;
      if (!this.#stopping && !this.#leaving.has(state)) this.#repair(state.source);
      return;
    }
    state.refused = 0;
  }

  #repair(source: PullSource): void {
    this.#hooks.repair(source).catch((error: unknown) => {
      const { consumer } = source;
      this.#connection.logger.warn({ event: "broker.error", consumer, error }, "a consumer was not repaired");
    });
  }

  #sweep(): void {
    const now = performance.now();
    // After this thread was blocked, answers may have come that are not read yet: look at the next sweep.
    const wasBlocked = now - this.#sweptAt > ANSWER_GRACE_MS / 2;
    this.#sweptAt = now;
    for (const state of this.#states) {
      if (state.request.kind === "pause" && now > state.request.until) state.request = NONE;
      else if (!wasBlocked && this.#connection.connected && isOverdue(state, now)) this.#rebuild(state);
    }
    this.#settleIdle();
    this.kick();
  }

  // No answer in time: the request, its inbox or its consumer is lost. A fresh inbox and a long poll, which a
  // consumer at its limit answers where it leaves a scan without any answer.
  #rebuild(state: SourceState): void {
    state.unanswered += 1;
    state.request = NONE;
    state.empty = true;
    if (this.#stopping || this.#leaving.has(state)) return;
    this.#connection.logger.warn(
      { event: "consumer.deaf", consumer: state.source.consumer, unanswered: state.unanswered },
      "a pull request was never answered: asking anew",
    );
    this.#inboxes.get(state)?.close();
    this.#open(state);
    this.#repair(state.source);
  }

  // The server forgets a client's pull requests with its connection.
  #forgetRequests(): void {
    for (const state of this.#states) {
      state.request = NONE;
      state.empty = false;
      state.hungry = false;
      state.unanswered = 0;
      state.refused = 0;
      // The server may be a fresh one, which came back without the last acks of a lane, or never heard them.
      state.held?.repeatAck?.();
      if (state.source.lane !== undefined) this.#release(state.source);
    }
    this.#settleIdle();
    this.kick();
  }

  #release({ consumer }: PullSource): void {
    void releasePatiently(this.#connection, consumer, () => this.#stopping);
  }

  #leaves(source: PullSource): boolean {
    for (const state of this.#leaving.keys()) if (state.source === source) return true;
    return false;
  }

  #settleIdle(): void {
    for (const [state, { resolve }] of this.#leaving) {
      if (isAsked(state) && this.#connection.connected) continue;
      this.#drop(state);
      resolve();
    }
    if (!this.#stopping) return;
    if (!this.#states.some(isAsked) || !this.#connection.connected) this.#idle.resolve();
  }

  #drop(state: SourceState): void {
    this.#leaving.delete(state);
    this.#states.splice(this.#states.indexOf(state), 1);
    this.#inboxes.get(state)?.close();
    this.#inboxes.delete(state);
  }
}
