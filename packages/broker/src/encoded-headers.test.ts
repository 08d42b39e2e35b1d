import { MsgHdrsImpl } from "@nats-io/nats-core/internal";
import { expect, test } from "vitest";
import {
  encodeHeaders,
  EXPECT_SEQUENCE,
  EXPECT_SUBJECT,
  SCHEDULE,
  SCHEDULE_TARGET,
  TTL,
} from "./encoded-headers.ts";

test("headers are bytes that any client of the server reads", () => {
  const headers = encodeHeaders([
    [EXPECT_SEQUENCE, "0"],
    ["Umbel", "1;t;0;ä"],
    ["Umbel", "again"],
  ]);
  expect(Buffer.from(headers.encode()).toString()).toBe(
    "NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: 0\r\nUmbel: 1;t;0;ä\r\nUmbel: again\r\n\r\n",
  );
  const read = MsgHdrsImpl.decode(headers.encode());
  expect([read.get(EXPECT_SEQUENCE), read.values("Umbel")]).toEqual(["0", ["1;t;0;ä", "again"]]);
});

test("no headers are a head without lines", () => {
  expect(Buffer.from(encodeHeaders([]).encode()).toString()).toBe("NATS/1.0\r\n\r\n");
});

test("the names are those that the server acts on", () => {
  expect([EXPECT_SEQUENCE, EXPECT_SUBJECT, TTL, SCHEDULE, SCHEDULE_TARGET]).toEqual([
    "Nats-Expected-Last-Subject-Sequence",
    "Nats-Expected-Last-Subject-Sequence-Subject",
    "Nats-TTL",
    "Nats-Schedule",
    "Nats-Schedule-Target",
  ]);
});
