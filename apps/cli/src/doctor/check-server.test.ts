import type { ServerFacts } from "@umbel/broker";
import { expect, test } from "vitest";
import { checkPayload, checkServer, checkStorage } from "./check-server.ts";

const FACTS: ServerFacts = {
  id: "S1",
  name: "one",
  version: "2.15.1",
  cluster: undefined,
  apiLevel: 5,
  maxPayloadBytes: 1_048_576,
  storedBytes: 50,
  storageLimitBytes: undefined,
};

test("the server is named with what is needed, and its cluster", () => {
  expect(checkServer(FACTS)).toMatchObject({
    status: "ok",
    message: expect.stringContaining("needed: 2.14.5, level 4"),
  });
  expect(checkServer({ ...FACTS, cluster: "C" }).message).toMatch(/, one of cluster C$/);
  expect(checkServer({ ...FACTS, apiLevel: 3 }).status).toBe("fail");
});

test("a small max_payload is a warning", () => {
  expect(checkPayload(FACTS)).toMatchObject({
    status: "ok",
    message: "inputs and results of up to 1 MB (max_payload)",
  });
  expect(checkPayload({ ...FACTS, maxPayloadBytes: 65_536 }).status).toBe("warn");
});

test("an account that is almost full is a warning", () => {
  expect(checkStorage(FACTS).status).toBe("ok");
  expect(checkStorage({ ...FACTS, storageLimitBytes: 100 }).status).toBe("ok");
  expect(checkStorage({ ...FACTS, storageLimitBytes: 60 })).toMatchObject({
    status: "warn",
    message: "50 bytes stored, 83 % of the account's 60 bytes",
  });
});
