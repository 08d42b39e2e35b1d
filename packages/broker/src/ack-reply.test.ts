import { expect, test } from "vitest";
import { replyNumber } from "./ack-reply.ts";

const NUMBERS = "3.1234.77.1795460225941338749.42";
const FORMS = [
  ["of every server today", `$JS.ACK.UMBEL_TASKS.q_n.${NUMBERS}`],
  ["with domain and account", `$JS.ACK._.hQ4Yd1.UMBEL_TASKS.q_n.${NUMBERS}`],
  ["with domain, account and random token", `$JS.ACK.hub.hQ4Yd1.UMBEL_TASKS.q_n.${NUMBERS}.pEr5`],
  ["with a random token of digits alone", `$JS.ACK.hub.hQ4Yd1.UMBEL_TASKS.q_n.${NUMBERS}.987654`],
] as const;

test.each(FORMS)("the form %s gives its numbers", (_form, reply) => {
  expect(replyNumber(reply, "count")).toBe(3);
  expect(replyNumber(reply, "sequence")).toBe(1_234);
  expect(replyNumber(reply, "waitingBehind")).toBe(42);
  expect(replyNumber(reply, "storedAtNanos") / 1_000_000).toBeCloseTo(1_795_460_225_941.338, 2);
});

test("without a reply subject every number is 0", () => {
  expect(replyNumber(undefined, "count")).toBe(0);
});
