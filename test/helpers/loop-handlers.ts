import { handle, type TaskContext } from "@umbel/worker";
import { computeFor, killProcess, noted, noteThat, passGate, restFor, seen } from "./handler-tools.ts";
import { readEntries } from "./journal.ts";
import {
  again,
  block,
  crash,
  discard,
  echo,
  fail,
  flaky,
  gated,
  hang,
  inspect,
  parent,
  patient,
  quick,
  rest,
  slowRetry,
  strict,
  type GatedInput,
  type Noted,
} from "./tasks.ts";

export const echoHandler = handle(echo, (input, context) => noted(input, context, () => input.value));

export const quickHandler = handle(quick, (value) => value);

export const strictHandler = handle(strict, (input, context) =>
  noted(input, context, () => ({ size: input.size })),
);

export const failHandler = handle(fail, (input, context) =>
  noted(input, context, () => {
    throw new Error(input.message ?? `attempt ${context.attempt} has failed`);
  }),
);

type FailingInput = Noted & { readonly failures: number };

function failFirst(input: FailingInput, context: TaskContext): Promise<number> {
  return noted(input, context, () => {
    if (context.attempt <= input.failures) throw new Error(`attempt ${context.attempt} has failed`);
    return context.attempt;
  });
}

export const flakyHandler = handle(flaky, failFirst);

export const patientHandler = handle(patient, failFirst);

export const slowRetryHandler = handle(slowRetry, failFirst);

export const againHandler = handle(again, (input, context) =>
  noted(input, context, () => {
    if (context.attempt === 1) return context.retry({ delay: input.delay, reason: "not ready" });
    return context.attempt;
  }),
);

export const discardHandler = handle(discard, (input, context) =>
  noted(input, context, () => context.discard("not wanted any more")),
);

export const restHandler = handle(rest, (input, context) =>
  noted(input, context, async () => {
    await restFor(input.ms, context.signal);
    return process.pid;
  }),
);

export const gatedHandler = handle(gated, (input, context) =>
  noted(input, context, async () => {
    const gates = ["all", context.runId, `${context.runId}-${process.pid}`];
    await passGate(input, gates, input.deaf === true ? undefined : context.signal);
    await afterwards(input, context);
    return process.pid;
  }),
);

async function afterwards({ journal, next }: GatedInput, context: TaskContext): Promise<void> {
  if (next === "discard") context.discard(`discarded by ${process.pid}`);
  if (next === "retry" && context.attempt === 1) context.retry({ delay: 0 });
  if (next === "enqueue") await context.enqueue(echo, { journal, value: "child" });
}

export const hangHandler = handle(hang, (input, context) =>
  noted(input, context, () => Promise.withResolvers<never>().promise),
);

export const blockHandler = handle(block, (input, context) =>
  noted(input, context, async () => {
    computeFor(input.ms);
    await passGate(input, [context.runId], context.signal);
    return process.pid;
  }),
);

export const crashHandler = handle(crash, async (input, context) => {
  noteThat("started", input, context);
  const before = startsOf(input, context);
  return before <= input.times ? killProcess() : before;
});

export const parentHandler = handle(parent, async (input, context) => {
  noteThat("started", input, context);
  const ids: string[] = [];
  for (let index = 0; index < input.children; index++) {
    const { id } = await context.enqueue(echo, { journal: input.journal, value: index });
    ids.push(id);
  }
  return startsOf(input, context) <= (input.crashes ?? 0) ? killProcess() : ids;
});

// Counted in the journal: the run's own count is one of the things under test.
function startsOf({ journal }: Noted, { runId }: TaskContext): number {
  return readEntries(journal).filter((entry) => entry.runId === runId && entry.what === "started").length;
}

export const inspectHandler = handle(inspect, (input, context) => noted(input, context, () => seen(context)));
