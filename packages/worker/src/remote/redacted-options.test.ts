import { defineTask } from "@umbel/protocol";
import { silentLogger } from "@umbel/runtime";
import { expect, test } from "vitest";
import { handle } from "../handler.ts";
import { resolveWorkerOptions } from "../worker-options.ts";
import { redactedOptions } from "./redacted-options.ts";

const handler = handle(defineTask({ name: "mail.send" }), () => undefined);

test("options are shown without anything that gives rights", () => {
  const options = resolveWorkerOptions({
    handlers: [handler],
    logger: silentLogger,
    servers: "nats://ada:s3cret@one:4222, bob:s3cret@two",
    user: "ada",
    password: "s3cret",
    token: "s3cret",
    modules: [new URL("https://ada:s3cret@host/handlers.js")],
  });
  const shown = redactedOptions(options);
  expect(JSON.stringify(shown)).not.toContain("s3cret");
  expect(shown).toMatchObject({
    handlers: ["mail.send"],
    modules: ["https://(hidden)@host/handlers.js"],
    concurrency: 50,
    connection: {
      servers: ["nats://(hidden)@one:4222, (hidden)@two"],
      user: "ada",
      password: "(hidden)",
      token: "(hidden)",
    },
  });
});
