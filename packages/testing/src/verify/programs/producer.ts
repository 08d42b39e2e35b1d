// Enqueues what its part of a plan says, and writes down what it was told. What and where is in its environment.
import { readFileSync } from "node:fs";
import { connect } from "@umbel/client";
import { silentLogger, sleep } from "@umbel/runtime";
import { Journal } from "../history/journal.ts";
import type { Operation } from "../plan/plan-operations.ts";
import { Production } from "./production.ts";
import { PRODUCER_VARIABLE, type ProducerSetup } from "./producer-setup.ts";

const dieWithParent = (): void => void process.kill(process.pid, "SIGKILL");
process.once("disconnect", dieWithParent);

const setup: ProducerSetup = JSON.parse(process.env[PRODUCER_VARIABLE] ?? "{}");
const { planFile, producer, beganAt, journal, connection } = setup;
const operations: readonly Operation[] = JSON.parse(readFileSync(planFile, "utf8"));
const mesh = await connect({ ...connection, logger: silentLogger });
process.send?.("ready");

const production = new Production(mesh, new Journal(journal, `producer-${producer}-${process.pid}`));
const elapsed = (): number => Date.now() - beganAt;
// One that takes over from another leaves out what that one has done, or was doing.
const startedAt = elapsed();
for (const operation of operations) {
  if (operation.producer !== producer || operation.at < startedAt) continue;
  const waitMs = operation.at - elapsed();
  if (waitMs > 0) await sleep(waitMs);
  production.begin(operation);
}
await production.done();
await mesh.close();
process.removeListener("disconnect", dieWithParent);
process.disconnect?.();
