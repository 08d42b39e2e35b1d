import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ActiveRuns, type ActiveRun } from "./active-runs.ts";
import type { AbortCause } from "./execute/abort-control.ts";
import { FakeDelivery } from "./execute/delivery.test.helper.ts";
import type { RunDelivery } from "./execute/run.ts";

const META = { task: "t", enqueuedAt: 1, origin: "o", attempt: 1, verify: false };

class FakeRun implements ActiveRun {
  readonly run: ActiveRun["run"];
  readonly adopted: RunDelivery[] = [];
  readonly aborted: AbortCause[] = [];
  readonly terminated: AbortCause[] = [];

  constructor(runId: string, queue = "default") {
    this.run = { runId, queue, meta: META };
  }

  adopt(delivery: RunDelivery): void {
    this.adopted.push(delivery);
  }

  abort(cause: AbortCause): void {
    this.aborted.push(cause);
  }

  terminate(cause: AbortCause): void {
    this.terminated.push(cause);
  }
}

function holding(...runs: readonly FakeRun[]): ActiveRuns {
  const active = new ActiveRuns();
  for (const run of runs) active.add(run);
  return active;
}

describe("the runs that a worker holds", () => {
  test("are those that were added and not removed", () => {
    const [one, other] = [new FakeRun("1"), new FakeRun("2")];
    const active = holding(one, other);
    expect(active).toMatchObject({ size: 2, runIds: ["1", "2"] });
    active.remove(one);
    active.remove(one);
    expect(active).toMatchObject({ size: 1, runIds: ["2"] });
  });

  test("do not end with an earlier execution of the same run", () => {
    const [earlier, later] = [new FakeRun("1"), new FakeRun("1")];
    const active = holding(earlier, later);
    active.remove(earlier);
    active.abort("1", "cancelled");
    expect(active.size).toBe(1);
    expect([earlier.aborted, later.aborted]).toEqual([[], ["cancelled"]]);
  });

  test("are aborted one by one, by id", () => {
    const [one, other] = [new FakeRun("1"), new FakeRun("2")];
    const active = holding(one, other);
    active.abort("2", "cancelled");
    active.abort("unknown", "cancelled");
    expect([one.aborted, other.aborted]).toEqual([[], ["cancelled"]]);
  });

  test("are aborted together", () => {
    const runs = [new FakeRun("1"), new FakeRun("2")];
    holding(...runs).abortAll("shutdown");
    expect(runs.map(({ aborted }) => aborted)).toEqual([["shutdown"], ["shutdown"]]);
  });

  test("adopt a delivery that is of one of them, and no other", () => {
    const run = new FakeRun("1");
    const active = holding(run);
    const [same, other] = [new FakeDelivery("umbel.T.q.n.t.1"), new FakeDelivery("umbel.T.q.n.t.2")];
    expect(active.adopt(same)).toBe(true);
    expect(active.adopt(other)).toBe(false);
    expect(run.adopted).toEqual([same]);
  });
});

describe("a worker holds nothing any more", () => {
  const settled = (promise: Promise<void>): Promise<string> =>
    Promise.race([promise.then(() => "empty"), setImmediate("held")]);

  test("at once, when it holds nothing", async () => {
    await expect(new ActiveRuns().empty()).resolves.toBeUndefined();
  });

  test("once the last run is removed, for everyone who waits for it", async () => {
    const [one, other] = [new FakeRun("1"), new FakeRun("2")];
    const active = holding(one, other);
    const waiting = [active.empty(), active.empty()];
    active.remove(one);
    await expect(Promise.all(waiting.map(settled))).resolves.toEqual(["held", "held"]);
    active.remove(other);
    await expect(Promise.all(waiting)).resolves.toEqual([undefined, undefined]);
  });

  test("of what it holds of one queue now, whatever else it holds or comes", async () => {
    const [one, other] = [new FakeRun("1", "mail"), new FakeRun("2", "media")];
    const active = holding(one, other);
    await expect(active.endOf("other")).resolves.toBeUndefined();
    const waiting = active.endOf("mail");
    active.remove(other);
    await expect(settled(waiting)).resolves.toBe("held");
    const later = new FakeRun("3", "mail");
    active.add(later);
    active.remove(one);
    await expect(waiting).resolves.toBeUndefined();
    expect(active.runs).toEqual([later.run]);
  });

  test("not because it once held nothing", async () => {
    const [one, other] = [new FakeRun("1"), new FakeRun("2")];
    const active = holding(one);
    const first = active.empty();
    active.remove(one);
    await first;
    active.add(other);
    const second = active.empty();
    await expect(settled(second)).resolves.toBe("held");
    active.remove(other);
    await expect(second).resolves.toBeUndefined();
  });
});
