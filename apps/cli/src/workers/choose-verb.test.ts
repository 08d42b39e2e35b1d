import { expect, test } from "vitest";
import { chooseVerb, verbLines } from "./choose-verb.ts";

const VERBS = {
  ping: { args: [], about: "who is there" },
  "add-queue": { args: ["<queue>"], alias: "add-consumer", about: "pull from one more" },
  query: { args: ["<ids...>"], about: "which worker has these" },
} as const;

test.each([
  ["ping", [], "ping"],
  ["PING", [], "ping"],
  ["add-queue", ["media"], "add-queue"],
  ["add_consumer", ["media"], "add-queue"],
  ["query", ["a", "b"], "query"],
])("%s with %j is %s", (name, args, verb) => {
  expect(chooseVerb(name, args, VERBS)).toEqual({ verb, args });
});

test.each([
  ["add-queu", ["media"], 'Did you mean "add-queue"?'],
  ["constructor", [], "one of ping, add-queue, query"],
  ["ping", ["media"], "no arguments"],
  ["add-queue", [], "<queue>"],
  ["add-queue", ["a", "b"], "<queue>"],
  ["query", [], "<ids...>"],
])("%s with %j is refused, and what is accepted is said", (name, args, says) => {
  expect(() => chooseVerb(name, args, VERBS)).toThrow(says);
});

test("the help has a line for each verb", () => {
  expect(verbLines(VERBS).split("\n")).toEqual([
    "  ping               who is there",
    "  add-queue <queue>  pull from one more",
    "  query <ids...>     which worker has these",
  ]);
});
