import { expect, test } from "vitest";
import { encode } from "./codec.ts";
import { decodeLockRecord, encodeLockRecord, type LockRecord } from "./lock-record.ts";

const lock: LockRecord = { runId: "a", task: "t", until: "started", at: 7, stored: false };

test.each(["started", "done", "time", "fired"] as const)(
  "a lock until %s is read as it was written",
  (until) => {
    for (const stored of [false, true]) {
      expect(decodeLockRecord(encodeLockRecord({ ...lock, until, stored }))).toStrictEqual({
        ...lock,
        until,
        stored,
      });
    }
  },
);

test.each([[1], [{}], [{ ...lock, until: "later" }], [{ ...lock, runId: 7 }], [{ ...lock, at: "now" }]])(
  "what is no lock is undecodable: %o",
  (value) => {
    expect(() => decodeLockRecord(encode(value, "test"))).toThrow(
      expect.objectContaining({ code: "undecodable" }),
    );
  },
);
