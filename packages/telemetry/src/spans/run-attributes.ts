import type { Attributes, Span } from "@opentelemetry/api";
import { ATTRIBUTES, MESSAGING_SYSTEM } from "../attributes.ts";

/** What every span of a run says about it. */
export interface RunSpanOptions {
  readonly task: string;
  readonly queue: string;
  readonly priority?: string | undefined;
  /** The run whose handler enqueued this one. */
  readonly parentRunId?: string | undefined;
  /** The first run of the lineage. */
  readonly rootRunId?: string | undefined;
}

/** What a sampler may want to see: given at the start of a span, also to one that is then not recorded. */
export function samplingAttributes(operation: "send" | "process", options: RunSpanOptions): Attributes {
  return {
    [ATTRIBUTES.messagingSystem]: MESSAGING_SYSTEM,
    [ATTRIBUTES.messagingSystemName]: MESSAGING_SYSTEM,
    [ATTRIBUTES.messagingOperationName]: operation,
    [ATTRIBUTES.messagingOperationType]: operation,
    [ATTRIBUTES.messagingDestinationName]: options.queue,
    [ATTRIBUTES.queue]: options.queue,
    [ATTRIBUTES.task]: options.task,
  };
}

/** Set the rest of what both spans share, on a span that is recorded. */
export function setRunAttributes(span: Span, runId: string | undefined, options: RunSpanOptions): void {
  setPresent(span, ATTRIBUTES.messagingMessageId, runId);
  setPresent(span, ATTRIBUTES.runId, runId);
  setPresent(span, ATTRIBUTES.priority, options.priority);
  setPresent(span, ATTRIBUTES.parentRunId, options.parentRunId);
  setPresent(span, ATTRIBUTES.rootRunId, options.rootRunId);
}

function setPresent(span: Span, key: string, value: string | undefined): void {
  if (value !== undefined) span.setAttribute(key, value);
}
