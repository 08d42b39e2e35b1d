import type { Right } from "@umbel/broker";
import { expect, test } from "vitest";
import { checkRights } from "./check-rights.ts";

const right = (role: Right["role"], purpose: string, allowed: boolean): Right => ({
  role,
  purpose,
  allowed,
  operation: "publish",
  subject: `${purpose}.>`,
});

test("a role that lacks something is a warning with what to allow; one that has nothing is no verdict", () => {
  const rights = [
    right("client", "enqueue", true),
    right("client", "read", true),
    right("client", "read", true),
    right("worker", "pull", true),
    right("worker", "acknowledge", false),
    right("operator", "cancel", false),
  ];
  expect(checkRights(rights)).toEqual([
    { name: "client rights", status: "ok", message: "this user may enqueue, read" },
    {
      name: "worker rights",
      status: "warn",
      message: "this user may not acknowledge",
      advice: 'If it is a worker\'s, allow it to publish "acknowledge.>".',
    },
    { name: "operator rights", status: "skip", message: "this user has none" },
  ]);
});

test("half an operator is told what it may", () => {
  const rights = [right("operator", "look", true), right("operator", "cancel", false)];
  expect(checkRights(rights)[2]).toMatchObject({ status: "skip", message: "this user may only look" });
});
