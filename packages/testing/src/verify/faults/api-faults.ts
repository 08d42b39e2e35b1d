import {
  connectBroker,
  deleteTaskConsumer,
  fillStream,
  listTaskConsumers,
  stepDownConsumer,
  stepDownStream,
  type BrokerConnection,
} from "@umbel/broker";
import { connect, type Queues } from "@umbel/client";
import { eventually, silentLogger } from "@umbel/runtime";
import type { Site } from "../arena/site.ts";
import { QUEUES } from "../programs/tasks.ts";
import type { Fault } from "./fault.ts";

const PATIENCE_MS = 20_000;
const nothing = async (): Promise<void> => undefined;

// The connection that one has may be to the server that is gone: each time a new one.
function ask<T>({ connection }: Site, work: (broker: BrokerConnection) => Promise<T>): Promise<T> {
  const once = async (): Promise<{ readonly answer: T }> => {
    await using broker = await connectBroker(connection);
    return { answer: await work(broker) };
  };
  return eventually("the broker does it", once, { timeoutMs: PATIENCE_MS, everyMs: 200 }).then(
    ({ answer }) => answer,
  );
}

export const stepDown: Fault = async ({ site }, { what, target }) => {
  if (what === "consumer") {
    const consumer = await ask(site, async (broker) => {
      const name = consumerAt(await listTaskConsumers(broker), target);
      if (name !== undefined) await stepDownConsumer(broker, name);
      return name;
    });
    return consumer === undefined ? undefined : { detail: consumer, end: nothing };
  }
  await ask(site, (broker) => stepDownStream(broker, what));
  return { detail: what, end: nothing };
};

export const deleteConsumer: Fault = async ({ site }, { target }) => {
  const consumer = await ask(site, async (broker) => {
    const name = consumerAt(await listTaskConsumers(broker), target);
    if (name !== undefined) await deleteTaskConsumer(broker, name);
    return name;
  });
  return consumer === undefined ? undefined : { detail: consumer, end: nothing };
};

export const fillUp: Fault = async ({ site }, { what }) => {
  const stream = what === "consumer" ? "tasks" : what;
  await ask(site, (broker) => fillStream(broker, stream, true));
  return { detail: stream, end: () => ask(site, (broker) => fillStream(broker, stream, false)) };
};

export const pauseQueue: Fault = async ({ site }, { target }) => {
  const names = Object.values(QUEUES);
  const queue = names[target % names.length] ?? QUEUES.loop;
  await operate(site, (queues) => queues.pause(queue, { by: "verify" }));
  return { detail: queue, end: () => operate(site, (queues) => queues.resume(queue)) };
};

async function operate({ connection }: Site, work: (queues: Queues) => Promise<unknown>): Promise<void> {
  const once = async (): Promise<true> => {
    await using mesh = await connect({ ...connection, logger: silentLogger, events: false });
    await work(mesh.queues);
    return true;
  };
  await eventually("the queue is paused or resumed", once, { timeoutMs: PATIENCE_MS, everyMs: 200 });
}

function consumerAt(names: readonly string[], target: number): string | undefined {
  return names.toSorted((one, other) => one.localeCompare(other))[target % Math.max(1, names.length)];
}
