import { encode, type OutcomeRecord } from "@umbel/protocol";
import { describe, expect, it } from "vitest";
import { RunLedger, type Acknowledged } from "./run-ledger.ts";

const NEVER = new AbortController().signal;

describe("RunLedger", () => {
  it("knows a run from its acknowledgement on, and how it ended once it has", async () => {
    const ledger = new RunLedger(() => []);
    const run = pending("a");
    ledger.enter(run);
    expect(ledger.get("a")).toMatchObject({ kind: "day", key: "key-a", outcome: undefined });
    expect(ledger.open).toBe(1);
    run.end({ mean: 3 });
    await ledger.allEnded(NEVER);
    expect(ledger.get("a")).toMatchObject({ outcome: { state: "succeeded" }, result: { mean: 3 } });
    expect(ledger.open).toBe(0);
  });

  it("enters what follows from a run before that run is closed", async () => {
    const child = pending("child");
    const ledger = new RunLedger(({ id }) => (id === "parent" ? [child] : []));
    const parent = pending("parent");
    ledger.enter(parent);
    const parentEnded = ledger.ended(1, NEVER);
    parent.end(1);
    await parentEnded;
    expect(ledger.open).toBe(1);
    child.end(2);
    await ledger.allEnded(NEVER);
    expect(ledger.entries.map(({ id }) => id)).toEqual(["parent", "child"]);
  });

  it("enters a run once, however often it is acknowledged", () => {
    const ledger = new RunLedger(() => []);
    ledger.enter(pending("a"));
    ledger.enter(pending("a"));
    expect(ledger.entries).toHaveLength(1);
  });

  it("waits no longer than it is told to", async () => {
    const ledger = new RunLedger(() => []);
    ledger.enter(pending("a"));
    const over = AbortSignal.abort();
    await ledger.allEnded(over);
    await ledger.ended(1, over);
    expect(ledger.open).toBe(1);
  });

  it("leaves a run open whose outcome cannot be heard of", async () => {
    const ledger = new RunLedger(() => []);
    const lost = pending("lost");
    const other = pending("other");
    ledger.enter(lost);
    ledger.enter(other);
    const oneEnded = ledger.ended(1, NEVER);
    lost.fail();
    other.end(1);
    await oneEnded;
    expect(ledger.open).toBe(1);
    expect(ledger.get("lost")?.outcome).toBeUndefined();
  });
});

interface Pending extends Acknowledged {
  end(result: unknown): void;
  fail(): void;
}

function pending(id: string): Pending {
  const { promise, resolve, reject } = Promise.withResolvers<OutcomeRecord>();
  const base = { task: "t", queue: "q", worker: "w", attempt: 1, starts: 1, at: 0, errors: [] };
  return {
    kind: "day",
    key: `key-${id}`,
    handle: { id, outcome: () => promise },
    end: (result) =>
      resolve({ ...base, state: "succeeded", fence: 0, enqueuedAt: 0, result: encode(result, "result") }),
    fail: () => reject(new Error("the connection is closed")),
  };
}
