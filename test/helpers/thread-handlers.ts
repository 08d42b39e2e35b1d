import { context as contextApi } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { handle } from "@umbel/worker";
import { computeFor, noted, noteThat, restFor, seen } from "./handler-tools.ts";
import { inspect, inspectThread, listen, mishap, spin, spinForever } from "./tasks.ts";

// Threads have a context of their own: without a manager nothing is ever active in it.
contextApi.setGlobalContextManager(new AsyncLocalStorageContextManager());

export const spinHandler = handle(spin, (input, context) =>
  noted(input, context, () => {
    computeFor(input.ms);
    return process.pid;
  }),
);

export const spinForeverHandler = handle(spinForever, (input, context) =>
  noted(input, context, () => {
    for (;;) computeFor(1_000);
  }),
);

export const mishapHandler = handle(mishap, async (input, context) => {
  noteThat("started", input, context);
  switch (input.how) {
    case "exit":
      return process.exit(3);
    case "throw-text":
      return throwThat("just text");
    case "throw-nothing":
      return throwThat(undefined);
    case "late-throw":
      setTimeout(() => throwThat(new Error("thrown outside of the handler")), 1);
      return Promise.withResolvers<never>().promise;
    case "memory":
      return fillMemory();
    default:
      return input.how satisfies never;
  }
});

function throwThat(reason: unknown): never {
  throw reason;
}

function fillMemory(): never {
  const kept: number[][] = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => index + kept.length));
}

export const inspectThreadHandler = handle(inspectThread, async (input, context) => {
  noteThat("started", input, context);
  const { id: childId } = await context.enqueue(inspect, { journal: input.journal });
  return { ...seen(context), childId };
});

export const listenHandler = handle(listen, (input, context) =>
  noted(input, context, async () => {
    await restFor(input.ms, context.signal);
    return process.pid;
  }),
);
