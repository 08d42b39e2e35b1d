import { describe, expect, test } from "vitest";
import { SlotPool, type SlotUser } from "./slot-pool.ts";

/** A user that says what became of it. */
class User implements SlotUser {
  state: "offered" | "begun" | "given up" = "offered";

  begin(): void {
    this.state = "begun";
  }

  giveUp(): void {
    this.state = "given up";
  }
}

const users = (count: number): User[] => Array.from({ length: count }, () => new User());
const states = (of: readonly User[]): string[] => of.map(({ state }) => state);

/** A pool whose handlers have taken `durationMs` so far. */
function measured(size: number, durationMs: number): SlotPool {
  const pool = new SlotPool(size);
  for (let index = 0; index < 200; index++) {
    pool.offer(new User(), 0);
    pool.release(durationMs);
  }
  return pool;
}

/** A pool with all slots busy, of which more runs were asked for. */
function full(size: number, durationMs: number): SlotPool {
  const pool = measured(size, durationMs);
  for (const user of users(size)) pool.offer(user, 0);
  expect(pool.wanted).toBeGreaterThan(0);
  return pool;
}

describe("a slot", () => {
  test("begins its user at once", () => {
    const pool = new SlotPool(2);
    const user = new User();
    expect(pool.offer(user, 0)).toBe(true);
    expect(user.state).toBe("begun");
    expect(pool).toMatchObject({ busy: 1, waiting: 0, wanted: 1 });
  });

  test("that is busy takes nobody while handlers are not known to be quick", () => {
    const pool = new SlotPool(1);
    const [one, other] = [new User(), new User()];
    pool.offer(one, 0);
    expect(pool.wanted).toBe(0);
    expect(pool.offer(other, 0)).toBe(false);
    expect(states([one, other])).toEqual(["begun", "offered"]);
  });

  test("is free again after its release", () => {
    const pool = new SlotPool(1);
    pool.offer(new User(), 0);
    pool.release(5);
    expect(pool).toMatchObject({ busy: 0, wanted: 1 });
    expect(pool.offer(new User(), 0)).toBe(true);
  });

  test("whose user ends within its beginning is free for the next", () => {
    const pool = new SlotPool(1);
    const short: SlotUser = { begin: () => pool.release(0), giveUp: () => undefined };
    expect(pool.offer(short, 0)).toBe(true);
    expect(pool.offer(new User(), 0)).toBe(true);
    expect(pool.busy).toBe(1);
  });
});

describe("while handlers are quick", () => {
  test("some more are asked for than there are slots, and wait", () => {
    const pool = measured(2, 2);
    expect(pool.wanted).toBe(22);
    const offered = users(22);
    expect(offered.map((user) => pool.offer(user, 0))).not.toContain(false);
    expect(pool).toMatchObject({ busy: 2, waiting: 20, wanted: 0 });
    expect(pool.offer(new User(), 0)).toBe(false);
  });

  test("whoever waits begins in order, one for each release", () => {
    const pool = full(1, 2);
    const waiting = users(3);
    for (const user of waiting) pool.offer(user, 0);
    pool.release(2);
    expect(states(waiting)).toEqual(["begun", "offered", "offered"]);
    pool.release(2);
    expect(states(waiting)).toEqual(["begun", "begun", "offered"]);
    expect(pool).toMatchObject({ busy: 1, waiting: 1 });
  });

  test("more are asked for in lots: not before half of what may wait has begun", () => {
    const pool = measured(1, 2);
    for (const user of users(11)) pool.offer(user, 0);
    expect(pool).toMatchObject({ busy: 1, waiting: 0 });
    for (const user of users(pool.wanted)) pool.offer(user, 0);
    expect(pool.waiting).toBe(10);
    for (let begun = 1; begun < 5; begun++) {
      pool.release(2);
      expect(pool.wanted).toBe(0);
    }
    pool.release(2);
    expect(pool.wanted).toBe(5);
  });

  test("a thousand and more come and go in order", () => {
    const pool = full(1, 0.01);
    const offered = users(900);
    for (const user of offered) pool.offer(user, 0);
    for (let released = 0; released < 850; released++) pool.release(0.01);
    expect(states(offered.slice(848, 852))).toEqual(["begun", "begun", "offered", "offered"]);
    const later = users(pool.wanted);
    for (const user of later) expect(pool.offer(user, 0)).toBe(true);
    for (let released = 0; released < 51; released++) pool.release(0.01);
    expect(states([...offered.slice(-1), ...later.slice(0, 2)])).toEqual(["begun", "begun", "offered"]);
    expect(pool.waiting).toBe(later.length - 1);
  });
});

describe("when handlers turn out slow", () => {
  test("what was asked for is still taken", () => {
    const pool = full(1, 2);
    pool.release(60_000);
    pool.offer(new User(), 0);
    expect(pool.offer(new User(), 0)).toBe(true);
    expect(pool).toMatchObject({ busy: 1, waiting: 1 });
  });

  test("nothing more is asked for, and no more than was asked for may wait", () => {
    const pool = full(1, 2);
    for (const user of users(4)) pool.offer(user, 0);
    pool.release(60_000);
    expect(pool.wanted).toBe(0);
    const late = users(10).map((user) => pool.offer(user, 0));
    expect(late).toEqual([...late.slice(0, 7).fill(true), false, false, false]);
  });

  test("whoever has waited for more than 100 ms is given up, with all behind it", () => {
    const pool = full(1, 2);
    const waiting = users(2);
    waiting.forEach((user, index) => pool.offer(user, 1_000 + index * 50));
    pool.sweep(1_050);
    pool.sweep(1_100);
    expect(states(waiting)).toEqual(["offered", "offered"]);
    pool.sweep(1_101);
    expect(states(waiting)).toEqual(["given up", "given up"]);
    expect(pool).toMatchObject({ busy: 1, waiting: 0 });
  });

  test("nothing more is asked for once somebody was given up, until handlers are quick again", () => {
    const pool = full(1, 2);
    pool.offer(new User(), 1_000);
    pool.sweep(1_050);
    pool.sweep(1_101);
    expect(pool.wanted).toBe(0);
    pool.release(2);
    pool.offer(new User(), 1_200);
    expect(pool.wanted).toBe(0);
    for (let index = 0; index < 40; index++) {
      pool.release(2);
      pool.offer(new User(), 1_200);
    }
    expect(pool.wanted).toBeGreaterThan(5);
  });

  test("nobody is given up while slots become free: after a pause of the process, all seem to have waited", () => {
    const pool = full(1, 2);
    const [first, second] = [new User(), new User()];
    pool.offer(first, 1_000);
    pool.offer(second, 1_000);
    pool.sweep(1_050);
    pool.release(2);
    pool.sweep(9_000);
    expect(states([first, second])).toEqual(["begun", "offered"]);
    pool.sweep(9_050);
    expect(states([first, second])).toEqual(["begun", "given up"]);
  });

  test("whoever begins in time is not given up, nor is anyone behind it for its sake", () => {
    const pool = full(1, 2);
    const [first, second] = [new User(), new User()];
    pool.offer(first, 1_000);
    pool.offer(second, 1_090);
    pool.release(60_000);
    pool.sweep(1_150);
    expect(states([first, second])).toEqual(["begun", "offered"]);
  });
});

test("a worker that stops gives up whoever waits and leaves whoever has begun alone", () => {
  const pool = full(1, 2);
  const waiting = users(3);
  for (const user of waiting) pool.offer(user, 0);
  pool.release(2);
  pool.giveUpWaiting();
  expect(states(waiting)).toEqual(["begun", "given up", "given up"]);
  expect(pool).toMatchObject({ busy: 1, waiting: 0 });
  pool.release(2);
  expect(pool.busy).toBe(0);
  pool.sweep(1_000_000);
  expect(states(waiting)).toEqual(["begun", "given up", "given up"]);
});

describe("another number of slots", () => {
  test("that is larger is there at once, for those that wait too", () => {
    const pool = full(1, 1);
    const waiting = users(3);
    for (const user of waiting) expect(pool.offer(user, 0)).toBe(true);
    pool.resize(3);
    expect(states(waiting)).toEqual(["begun", "begun", "offered"]);
    expect(pool).toMatchObject({ size: 3, busy: 3, waiting: 1 });
  });

  test("that is smaller takes nobody until enough have ended", () => {
    const pool = new SlotPool(3);
    for (const user of users(3)) pool.offer(user, 0);
    pool.resize(1);
    expect(pool).toMatchObject({ size: 1, busy: 3, wanted: 0 });
    for (const busy of [2, 1]) {
      expect(pool.offer(new User(), 0)).toBe(false);
      pool.release(50);
      expect(pool).toMatchObject({ busy, wanted: 0 });
    }
    pool.release(50);
    expect(pool.wanted).toBe(1);
    expect(pool.offer(new User(), 0)).toBe(true);
  });

  test("that is smaller begins none that wait for a slot that is gone", () => {
    const pool = full(2, 1);
    const waiting = new User();
    expect(pool.offer(waiting, 0)).toBe(true);
    pool.resize(1);
    pool.release(1);
    expect(waiting.state).toBe("offered");
    pool.release(1);
    expect([waiting.state, pool.busy]).toEqual(["begun", 1]);
  });
});
