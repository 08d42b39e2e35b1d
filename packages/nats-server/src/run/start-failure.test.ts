import { expect, test } from "vitest";
import { isPortInUse } from "./ports.ts";
import { describeExit, explainStart } from "./start-failure.ts";

const TAKEN =
  '[1] [FTL] Error listening on port: 127.0.0.1:4222, "listen tcp 127.0.0.1:4222: bind: address already in use"';

test("a port that was taken meanwhile is told as such", () => {
  const error = explainStart("it ended with code 1", TAKEN);
  expect(isPortInUse(error)).toBe(true);
  expect(error.message).toContain("Port 4222 of 127.0.0.1 is already in use");
});

test("the last lines of the log are shown, not the whole", () => {
  const log = Array.from({ length: 40 }, (_, index) => `line ${index}`).join("\n");
  const { message } = explainStart("it ended with code 1", log);
  expect(message).toContain("it ended with code 1");
  expect(message).toContain("line 39");
  expect(message).not.toContain("line 20\n");
});

test.each([
  ["nats-server: x.conf:2:0: unknown field", "extraConfig"],
  ["[FTL] Can't start JetStream: mkdir /x: permission denied", "storeDir"],
  ["write: no space left on device", "Make room"],
  ["", "startTimeoutMs"],
])("after %j the fix speaks of %s", (log, fix) => {
  expect(explainStart("it ended with code 1", log).message).toContain(fix);
});

test("an exit is told by its code or its signal", () => {
  expect(describeExit({ code: 1, signal: undefined, requested: false })).toBe("it ended with code 1");
  expect(describeExit({ code: undefined, signal: "SIGSEGV", requested: false })).toBe(
    "it was ended by SIGSEGV",
  );
});
