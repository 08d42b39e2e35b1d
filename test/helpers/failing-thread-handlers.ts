import { handle } from "@umbel/worker";
import { carefulThread, forgottenThread, pickyThread, reportedThread } from "./failing-tasks.ts";
import { noted } from "./handler-tools.ts";
import { throwAsTold } from "./throw-as-told.ts";

export const pickyThreadHandler = handle(pickyThread, throwAsTold);
export const carefulThreadHandler = handle(carefulThread, throwAsTold);
export const reportedThreadHandler = handle(reportedThread, throwAsTold);

export const forgottenThreadHandler = handle(forgottenThread, (input, context) =>
  noted(input, context, () => () => input.value),
);
