import { handle } from "@umbel/worker";
import {
  badlyReported,
  carefulLoop,
  forgotten,
  hurried,
  ownBackoff,
  pickyLoop,
  reportedCrash,
  reportedGate,
  reportedLoop,
} from "./failing-tasks.ts";
import { killProcess, noted, noteThat, passGate } from "./handler-tools.ts";
import { throwAsTold } from "./throw-as-told.ts";

export const ownBackoffHandler = handle(ownBackoff, throwAsTold);
export const pickyHandler = handle(pickyLoop, throwAsTold);
export const carefulHandler = handle(carefulLoop, throwAsTold);
export const hurriedHandler = handle(hurried, throwAsTold);
export const reportedHandler = handle(reportedLoop, throwAsTold);
export const badlyReportedHandler = handle(badlyReported, throwAsTold);

export const crashHandler = handle(reportedCrash, (input, context) => {
  noteThat("started", input, context);
  return killProcess();
});

export const gateHandler = handle(reportedGate, (input, context) =>
  noted(input, context, async () => {
    await passGate(input, [context.runId, `${context.runId}-${process.pid}`], context.signal);
    return context.discard(`discarded by ${process.pid}`);
  }),
);

export const forgottenHandler = handle(forgotten, (input, context) =>
  noted(input, context, () => input.value),
);
